"""MLSMOTE: the paper's figures, a slow reference, what holds for any table, and bad input."""

from __future__ import annotations

import pickle
import re

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.base import clone
from torch.utils.data import TensorDataset

from torchsmote import (
    MLSMOTE,
    DataWarning,
    EmbeddingSMOTE,
    FewSamplesWarning,
    NothingSampledWarning,
    SMOTEDataset,
    synthesize,
)


def table(n=60, d=3, seed=0, shares=(0.9, 0.5, 0.2, 0.15)):
    rng = np.random.RandomState(seed)
    y = (rng.rand(n, len(shares)) < shares).astype(np.int64)
    return rng.randn(n, d) + y[:, -1:], y


def with_counts(counts, n):
    y = np.zeros((n, len(counts)), dtype=np.int64)
    for column, count in enumerate(counts):
        y[:count, column] = 1
    return np.random.RandomState(0).randn(n, 2), y


def reference(X, y, k, seed, strategy):
    """The paper's listing, row by row in float64, with numbers drawn bag by bag."""
    rng = np.random.RandomState(seed)
    counts = y.sum(0)
    ratios = counts.max() / counts
    rows, labels = [], []
    for label in np.flatnonzero(ratios > ratios.mean()):
        bag = np.flatnonzero(y[:, label])
        columns, u = rng.randint(0, k, size=len(bag)), rng.uniform(size=len(bag))
        for place, base in enumerate(bag):
            others = bag[bag != base]
            near = others[np.argsort(np.linalg.norm(X[others] - X[base], axis=1), kind="stable")[:k]]
            neighbor = near[columns[place]]
            rows.append(X[base] + u[place] * (X[neighbor] - X[base]))
            votes = y[base] + y[near].sum(0)
            needed = {"ranking": (k + 1) / 2, "union": 1, "intersection": k + 1}[strategy]
            labels.append(votes >= needed)
    return np.array(rows), np.array(labels)


# Rows that have each label in the data sets emotions (593 rows) and flags (194), and the MeanIR that Charte
# et al. give for them.
@pytest.mark.parametrize(
    ("counts", "n", "mean", "rare"),
    [
        ([173, 166, 264, 148, 168, 189], 593, 1.478, [0, 1, 3, 4]),
        ([153, 91, 99, 91, 146, 52, 26], 194, 2.255, [5, 6]),
    ],
    ids=["emotions", "flags"],
)
def test_imbalance_of_the_papers_data_sets(counts, n, mean, rare):
    sampler = MLSMOTE().fit(*with_counts(counts, n))
    assert round(sampler.mean_imbalance_ratio_, 3) == mean
    assert sampler.sampling_strategy_ == {label: counts[label] for label in rare}
    np.testing.assert_allclose(list(sampler.imbalance_ratios_.values()), max(counts) / np.array(counts))


@pytest.mark.parametrize("strategy", ["ranking", "union", "intersection"])
@pytest.mark.parametrize("k", [1, 4, 5])
def test_rows_and_labels_are_those_of_the_listing(strategy, k):
    X, y = table()
    sampler = MLSMOTE(k_neighbors=k, random_state=3, label_strategy=strategy)
    X_new, y_new = sampler.fit_resample(X, y)
    rows, labels = reference(X, y, k, 3, strategy)
    assert len(set(sampler.draws_.labels.tolist())) == 2
    np.testing.assert_array_equal(X_new[:60], X)
    np.testing.assert_array_equal(y_new[:60], y)
    np.testing.assert_allclose(X_new[60:], rows, rtol=1e-12)
    np.testing.assert_array_equal(y_new[60:], labels)


def test_labels_of_a_toy_case():
    # Bag of the rare label 2: rows 0, 1, 2 of a line. Row 0 and its neighbours have label 0 three times,
    # label 1 twice, label 3 once.
    X = np.array([[0.0], [1.0], [2.0], [50.0], [51.0], [52.0], [53.0], [54.0]])
    y = np.array([[1, 1, 1, 1], [1, 1, 1, 0], [1, 0, 1, 0], *[[1, 1, 0, 1]] * 5])
    expected = {"ranking": [1, 1, 1, 0], "union": [1, 1, 1, 1], "intersection": [1, 0, 1, 0]}
    for strategy, labels in expected.items():
        sampler = MLSMOTE(k_neighbors=2, random_state=0, label_strategy=strategy)
        _, y_new = sampler.fit_resample(X, y)
        assert y_new[8:].tolist() == [labels] * 3
    assert sampler.draws_.base.tolist() == [0, 1, 2]  # every row of the bag once
    # Two rows: one of two votes is half of them, which is enough.
    _, y_new = MLSMOTE(k_neighbors=1, random_state=0).fit_resample(X, y)
    assert y_new[8].tolist() == [1, 1, 1, 1]


@pytest.mark.filterwarnings("ignore::torchsmote.FewSamplesWarning")
@settings(max_examples=25)
@given(seed=st.integers(0, 2**32 - 1), k=st.integers(1, 4), data=st.integers(0, 1000))
def test_invariants(seed, k, data):
    X, y = table(seed=data, n=50)
    y[:2] = 1  # no label without a row
    made = {}
    for strategy in ("union", "ranking", "intersection"):
        sampler = MLSMOTE(k_neighbors=k, random_state=seed, label_strategy=strategy, few_samples="shrink")
        X_new, y_new = sampler.fit_resample(X, y)
        made[strategy] = y_new[50:]
    draws, rows = sampler.draws_, X_new[50:]
    low, high = np.minimum(X[draws.base], X[draws.neighbor]), np.maximum(X[draws.base], X[draws.neighbor])
    assert ((rows >= low) & (rows <= high)).all()
    assert (made["intersection"] <= made["ranking"]).all()
    assert (made["ranking"] <= made["union"]).all()
    own = draws.labels.numpy()
    assert made["intersection"][np.arange(len(own)), own].all()  # the label it was made for
    assert y[draws.base, own].all()
    assert y[draws.neighbor, own].all()
    asked = {label: (own == label).sum() for label in set(own.tolist())}
    assert asked == sampler.sampling_strategy_
    assert (np.diff(own) >= 0).all()
    np.testing.assert_array_equal(sampler.sample_indices_, [*range(50), *[-1] * len(own)])


@pytest.mark.parametrize("dtype", [torch.int64, torch.uint8, torch.bool, torch.float32])
def test_tensors(dtype, device):
    X, y = (torch.tensor(values, device=device) for values in table())
    X, y = X.float(), y.to(dtype)
    before = X.clone(), y.clone()
    sampler = MLSMOTE(random_state=torch.Generator().manual_seed(0))
    X_new, y_new = sampler.fit_resample(X, y)
    assert (X_new.dtype, X_new.device, y_new.dtype, y_new.device) == (X.dtype, X.device, dtype, y.device)
    assert torch.equal(X_new[:60], X)
    assert torch.equal(y_new[:60], y)
    assert torch.equal(X_new[60:], synthesize(X, sampler.draws_))
    assert torch.equal(X, before[0])
    assert torch.equal(y, before[1])
    again = MLSMOTE(random_state=torch.Generator().manual_seed(0)).fit_resample(X, y)
    assert torch.equal(X_new, again[0])
    assert torch.equal(y_new, again[1])


def test_frames_and_lists():
    X, y = table()
    names = ["often", "half", "some", "rare"]
    X_ref, y_ref = MLSMOTE(random_state=0).fit_resample(X, y)
    frame = pd.DataFrame(y, columns=names, index=np.arange(60) + 7).astype({"often": bool, "rare": "Int64"})
    sampler = MLSMOTE(random_state=0)
    X_new, y_new = sampler.fit_resample(pd.DataFrame(X, columns=list("abc"), index=frame.index), frame)
    assert (y_new.dtypes == frame.dtypes).all()
    assert list(y_new.columns) == names
    assert y_new.index.equals(pd.RangeIndex(len(y_ref)))
    np.testing.assert_array_equal(y_new.to_numpy(dtype=int), y_ref)
    np.testing.assert_array_equal(X_new.to_numpy(), X_ref)
    assert set(sampler.sampling_strategy_) == {"some", "rare"}
    assert list(sampler.classes_) == names
    X_list, y_list = MLSMOTE(random_state=0).fit_resample(X.tolist(), y.tolist())
    assert isinstance(y_list, list)
    assert y_list == y_ref.tolist()
    assert type(y_list[-1][0]) is int
    np.testing.assert_array_equal(X_list, X_ref)
    rows, _ = MLSMOTE(random_state=0).fit_resample(sparse.csr_array(X), y)
    np.testing.assert_allclose(rows.toarray(), X_ref)


def test_counts_asked_for():
    X, y = table()
    have = y.sum(0)
    _, y_new = MLSMOTE(sampling_strategy={3: int(have[3]) + 25}, random_state=0).fit_resample(X, y)
    assert y_new[:, 3].sum() == have[3] + 25
    sampler = MLSMOTE(sampling_strategy={3: int(have[3]) + 25, 1: int(have[1])}, random_state=0)
    sampler.fit_resample(X, y)
    times = np.bincount(sampler.draws_.base.numpy(), minlength=60)[y[:, 3] == 1]
    assert times.max() - times.min() <= 1  # each row of the bag equally often
    with pytest.raises(ValueError, match="which has"):
        MLSMOTE(sampling_strategy={3: 1}).fit(X, y)
    with pytest.raises(ValueError, match=r"'wrong'.*not present"):
        MLSMOTE(sampling_strategy={"wrong": 100}).fit(X, y)


def test_labels_that_no_row_has():
    X, y = table()
    y = np.column_stack((y, np.zeros(60, dtype=int)))
    with pytest.warns(DataWarning, match="no row has the label 4"):
        sampler = MLSMOTE(random_state=0).fit(X, y)
    assert sampler.imbalance_ratios_[4] == np.inf
    assert sampler.mean_imbalance_ratio_ == MLSMOTE().fit(X, y[:, :4]).mean_imbalance_ratio_
    assert 4 not in sampler.sampling_strategy_
    with pytest.raises(ValueError, match="label 4, which no row has"):
        MLSMOTE(sampling_strategy={4: 10}).fit(X, y)


def test_labels_equally_frequent_are_said():
    X = np.random.RandomState(0).randn(20, 2)
    y = np.tile([[0, 1], [1, 0]], (10, 1))
    with pytest.warns(NothingSampledWarning, match="MeanIR=1"):
        X_new, y_new = MLSMOTE().fit_resample(X, y)
    np.testing.assert_array_equal(X_new, X)
    np.testing.assert_array_equal(y_new, y)


def test_small_bags():
    X, y = table()
    y[:, 3] = 0
    y[[4, 8, 20], 3] = 1
    with pytest.raises(ValueError, match=r"label 3 has 3 samples but k_neighbors=5 needs 6; lower .* to 2"):
        MLSMOTE().fit_resample(X, y)
    with pytest.warns(FewSamplesWarning, match="label 3 has 3 samples") as caught:
        shrunk, _ = MLSMOTE(few_samples="shrink", random_state=0).fit_resample(X, y)
    assert caught[0].filename == __file__
    assert not (shrunk[60:, None] == X).all(2).any()
    with pytest.warns(FewSamplesWarning):
        rows, labels = MLSMOTE(few_samples="duplicate", random_state=0).fit_resample(X, y)
    np.testing.assert_array_equal(rows[-3:], X[[4, 8, 20]])
    np.testing.assert_array_equal(labels[-3:], y[[4, 8, 20]])


def test_constraint():
    X, y = table()
    for state in (0, torch.Generator().manual_seed(0)):
        sampler = MLSMOTE(random_state=state, constraint=lambda rows: rows[:, 0] < 1.5, max_redraws=500)
        rows, labels = sampler.fit_resample(X[X[:, 0] < 1.5], y[X[:, 0] < 1.5])
        assert (rows[:, 0] < 1.5).all()
        assert labels[np.flatnonzero(sampler.sample_indices_ < 0), sampler.draws_.labels].all()
    with pytest.raises(ValueError, match="stayed invalid"):
        MLSMOTE(random_state=0, constraint=lambda rows: rows[:, 0] > 99).fit_resample(X, y)


X0, Y0 = table()


@pytest.mark.parametrize(
    ("y", "error", "fact"),
    [
        (Y0[:, 0], ValueError, r"at least 2 labels, got shape (60,)"),
        (Y0[:, :1], ValueError, r"at least 2 labels, got shape (60, 1)"),
        (Y0[:, :1].tolist(), ValueError, "use SMOTE"),
        (2 * Y0, ValueError, "0 and 1 only, but has"),
        (Y0 - 0.5, ValueError, "0.5 in row 0, column 0"),
        (np.where(np.arange(240).reshape(60, 4) == 5, np.nan, Y0), ValueError, "nan in row 1, column 1"),
        (Y0.astype(str), ValueError, "0 and 1 only"),
        (np.zeros_like(Y0), ValueError, "no 1"),
        (sparse.csr_array(Y0), TypeError, "y.toarray()"),
        (Y0[:-1], ValueError, "`X` has 60 rows but `y` has 59"),
        (None, ValueError, "`y` is None"),
        ([[0, 1], [1]] * 30, ValueError, "`y` must have as many values in each row"),
    ],
)
def test_bad_labels(y, error, fact):
    with pytest.raises(error, match=re.escape(fact)):
        MLSMOTE().fit_resample(X0, y)


@pytest.mark.parametrize(
    "argument", [{"label_strategy": "vote"}, {"sampling_strategy": "all"}, {"sampling_strategy": 0.5}]
)
def test_bad_arguments(argument):
    name = next(iter(argument))
    with pytest.raises(ValueError, match=f"'{name}' parameter of MLSMOTE"):
        MLSMOTE(**argument).fit(X0, Y0)


def test_it_is_an_estimator():
    sampler = MLSMOTE(k_neighbors=3, random_state=1)
    assert set(sampler.get_params()) == set(MLSMOTE._parameter_constraints)
    assert clone(sampler).get_params() == sampler.get_params()
    assert repr(sampler) == "MLSMOTE(k_neighbors=3, random_state=1)"
    fitted = sampler.fit(X0, Y0)
    assert fitted is sampler
    again = pickle.loads(pickle.dumps(sampler))
    np.testing.assert_array_equal(again.fit_resample(X0, Y0)[0], sampler.fit_resample(X0, Y0)[0])


def test_loops_refuse_it_at_construction():
    with pytest.raises(TypeError, match=r"MLSMOTE cannot draw rows in a training loop.*vote.*fit_resample"):
        EmbeddingSMOTE(3, MLSMOTE())
    X, y = torch.tensor(X0), torch.tensor(Y0)
    with pytest.raises(TypeError, match=r"MLSMOTE cannot draw rows in a training loop"):
        SMOTEDataset(TensorDataset(X, y), MLSMOTE(), targets=y[:, 0])
    with pytest.raises(ValueError, match=r"shape \(60, 4\); where an item has several.*MLSMOTE"):
        SMOTEDataset(TensorDataset(X, y), MLSMOTE())
