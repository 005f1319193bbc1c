"""SMOTE-IPF against a slow reference, and against what its paper states of the filter."""

import warnings

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from torchsmote import (
    ADASYN,
    SMOTE,
    SMOTEIPF,
    SMOTENC,
    DataWarning,
    NothingSampledWarning,
    RandomOverSampler,
    TorchSMOTEWarning,
    synthesize,
)


def blobs(n=180, n_rare=45, gap=2.0, d=3, seed=0):
    rng = np.random.RandomState(seed)
    y = (np.arange(n) % (n // n_rare) == 0).astype(np.int64)
    return rng.randn(n, d) + gap * y[:, None], y


def reference(X, y, rng, make, n=9, k=3, p=0.01, consensus=False):
    """The paper's filter row by row: E is what is left, A what a round finds; rows are removed from E."""
    E, size, quiet = list(range(len(X))), len(X), 0
    while quiet < k:
        shuffled = [E[place] for place in rng.permutation(len(E))]
        parts, start = [], 0
        for j in range(n):  # the first parts take one row more where n does not divide
            length = len(E) // n + (1 if j < len(E) % n else 0)
            parts.append(shuffled[start : start + length])
            start += length
        said = [dict(zip(E, make(rng).fit(X[part], y[part]).predict(X[E]), strict=True)) for part in parts]
        A = []
        for row in E:
            errors = sum(int(of_row[row] != y[row]) for of_row in said)
            if errors == n if consensus else errors > n / 2:
                A.append(row)
        quiet = quiet + 1 if len(A) < p * size else 0
        E = [row for row in E if row not in A]
    return E


def tree(rng):
    return DecisionTreeClassifier(min_samples_leaf=2, random_state=rng.randint(2**31 - 1))


@pytest.mark.parametrize("voting", ["majority", "consensus"])
@pytest.mark.parametrize(("n", "k", "p"), [(9, 3, 0.01), (4, 2, 0.03)])
def test_the_rows_are_those_of_the_slow_reference(voting, n, k, p):
    X, y = blobs(gap=3.0)
    y[1::40] = 1  # noise, some of which even all classifiers see
    grown, labels = SMOTE(random_state=3).fit_resample(X, y)
    expected = reference(grown, labels, np.random.RandomState(3), tree, n, k, p, voting == "consensus")
    ipf = SMOTEIPF(random_state=3, voting=voting, n_partitions=n, n_rounds=k, min_removed=p)
    rows, new_labels = ipf.fit_resample(X, y)
    assert 0 < len(expected) < len(grown)
    np.testing.assert_array_equal(rows, grown[expected])
    np.testing.assert_array_equal(new_labels, labels[expected])
    synthetic = np.array(expected) >= len(X)
    np.testing.assert_array_equal(ipf.sample_indices_, np.where(synthetic, -1, expected))
    np.testing.assert_allclose(synthesize(torch.tensor(X), ipf.draws_), rows[synthetic], rtol=1e-12)


def test_consensus_removes_no_more_than_a_majority_in_one_round():
    X, y = blobs(gap=3.0)
    y[1::40] = 1
    kept, stump = {}, DecisionTreeClassifier(max_depth=1)
    for voting in ("majority", "consensus"):  # min_removed=1: one round, so both judge the same parts
        ipf = SMOTEIPF(random_state=0, voting=voting, n_rounds=1, min_removed=1.0, estimator=stump)
        rows, _ = ipf.fit_resample(X, y)
        kept[voting] = {row.tobytes() for row in rows}
    assert kept["majority"] < kept["consensus"]


def test_mislabeled_rows_and_what_was_made_from_them_go_and_safe_rows_stay():
    # The paper's two claims: noise, given or made by SMOTE, is found; safe examples are left alone.
    X, y = blobs(n=900, n_rare=150, gap=8.0)
    noisy = np.flatnonzero(y == 0)[::60]
    y = y.copy()
    y[noisy] = 1
    ipf = SMOTEIPF(random_state=0)
    rows, labels = ipf.fit_resample(X, y)
    assert not set(noisy) & set(ipf.sample_indices_)
    real = ipf.sample_indices_ >= 0
    assert real.sum() >= 0.98 * (len(X) - len(noisy))
    centre = rows.mean(1)
    far = (centre > 4) != (labels == 1)  # on the other class's side
    assert far.mean() < 0.02
    grown, grown_labels = SMOTE(random_state=0).fit_resample(X, y)
    assert ((grown.mean(1) > 4) != (grown_labels == 1)).mean() > 4 * far.mean()


@settings(max_examples=15)
@given(
    seed=st.integers(0, 2**31),
    n_partitions=st.sampled_from([1, 2, 5, 9]),
    voting=st.sampled_from(["majority", "consensus"]),
    min_removed=st.floats(0.01, 1.0),
)
def test_what_is_left_is_part_of_what_smote_returned(seed, n_partitions, voting, min_removed):
    X, y = blobs(n=60, n_rare=20, gap=1.0, seed=seed % 1000)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TorchSMOTEWarning)
        ipf = SMOTEIPF(
            random_state=seed, n_partitions=n_partitions, voting=voting, min_removed=min_removed, n_rounds=2
        )
        rows, labels = ipf.fit_resample(X, y)
    grown, _ = SMOTE(random_state=seed).fit_resample(X, y)
    order = {row.tobytes(): place for place, row in enumerate(grown)}
    places = [order[row.tobytes()] for row in rows]
    assert places == sorted(set(places))
    real = ipf.sample_indices_ >= 0
    np.testing.assert_array_equal(rows[real], X[ipf.sample_indices_[real]])
    np.testing.assert_array_equal(labels[real], y[ipf.sample_indices_[real]])
    assert len(ipf.draws_.base) == (~real).sum()


def test_any_over_sampler_and_classifier():
    X, y = blobs(gap=1.5)
    ipf = SMOTEIPF(
        smote=ADASYN(n_neighbors=3),
        estimator=make_pipeline(StandardScaler(), LogisticRegression(solver="saga", tol=1e-3)),
        random_state=0,
    )
    rows, _ = ipf.fit_resample(X, y)
    again, _ = ipf.fit_resample(X, y)
    np.testing.assert_array_equal(rows, again)
    assert (ipf.smote_.n_neighbors, ipf.smote_.random_state) == (3, 0)
    assert ipf.estimator_.steps[1][1].random_state is None  # the given one is not touched
    expected, _ = ADASYN(n_neighbors=3, random_state=0).fit_resample(X, y)
    assert {row.tobytes() for row in rows} < {row.tobytes() for row in expected}


def test_a_generator_is_a_seed_of_its_own(device):
    X, y = (torch.tensor(values, device=device) for values in blobs(gap=1.0))

    def run(seed):
        return SMOTEIPF(random_state=torch.Generator(device).manual_seed(seed)).fit_resample(X, y)[0]

    assert torch.equal(run(1), run(1))
    assert run(1).shape != run(2).shape or not torch.equal(run(1), run(2))


def test_a_part_of_one_class_needs_no_classifier():
    # 16 rows in 9 parts: most have one class, which LogisticRegression refuses to be trained on.
    X = np.concatenate((np.arange(8.0), np.arange(4) + 100.0))[:, None]
    y = np.repeat([0, 1], [8, 4])
    ipf = SMOTEIPF(
        smote=SMOTE(k_neighbors=2), estimator=LogisticRegression(solver="liblinear"), random_state=0
    )
    with pytest.warns(NothingSampledWarning):
        rows, _ = ipf.fit_resample(X, y)
    assert len(rows) == 16


def test_no_row_to_remove_is_said():
    X, y = blobs(gap=50.0)  # and a full tree trained on all rows is against none of them
    with pytest.warns(NothingSampledWarning, match="SMOTEIPF: no row"):
        SMOTEIPF(random_state=0, n_partitions=1, estimator=DecisionTreeClassifier()).fit_resample(
            *blobs(gap=0.5)
        )
    with pytest.warns(NothingSampledWarning, match="SMOTEIPF: no row"):
        rows, _ = SMOTEIPF(random_state=0).fit_resample(X, y)
    np.testing.assert_array_equal(rows, SMOTE(random_state=0).fit_resample(X, y)[0])


class AlwaysZero(KNeighborsClassifier):
    def predict(self, X):
        return np.zeros(len(X), dtype=np.int64)


def test_a_class_that_goes_altogether_is_named():
    X, y = blobs()
    labels = np.array(["usual", "rare"])[y]
    ipf = SMOTEIPF(random_state=0, estimator=AlwaysZero())
    with pytest.warns(DataWarning, match="SMOTEIPF: class 'usual' is cleaned away: none of its 135 rows"):
        _, left = ipf.fit_resample(X, labels)
    assert set(left) == {"rare"}


class NeverRight(KNeighborsClassifier):
    def predict(self, X):
        return np.full(len(X), -1)


@pytest.mark.parametrize("n_partitions", [9, 271])
def test_too_few_rows_for_the_parts(n_partitions):
    X, y = blobs()
    estimator = NeverRight(n_neighbors=1) if n_partitions == 9 else None
    left = 0 if n_partitions == 9 else 270
    message = f"SMOTEIPF: {left} rows cannot be split into n_partitions={n_partitions}; lower n_partitions"
    with pytest.raises(ValueError, match=message):
        SMOTEIPF(random_state=0, estimator=estimator, n_partitions=n_partitions).fit_resample(X, y)


def test_a_table_that_the_classifier_cannot_use():
    X, y = blobs()
    frame = pd.DataFrame(X, columns=["a", "b", "c"]).assign(a="text")
    with pytest.raises(
        ValueError, match="SMOTEIPF: DecisionTreeClassifier cannot use this table; give `esti"
    ):
        SMOTEIPF(smote=RandomOverSampler(), random_state=0).fit_resample(frame, y)


def test_categories_stay_categories_where_the_classifier_encodes_them():
    X, y = blobs(gap=1.0)
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    frame["c"] = np.where(frame["c"] > 1, "high", "low")
    encode = make_column_transformer((OneHotEncoder(), ["c"]), remainder="passthrough")
    ipf = SMOTEIPF(
        smote=SMOTENC(["c"]),
        estimator=make_pipeline(encode, DecisionTreeClassifier(max_depth=3)),
        random_state=0,
    )
    rows, _ = ipf.fit_resample(frame, y)
    assert (rows.dtypes == frame.dtypes).all()
    assert set(rows["c"]) == {"high", "low"}
    made = ipf.sample_indices_ < 0
    assert made.sum() == len(ipf.draws_.base)
    mixed = synthesize(torch.tensor(X[:, :2]), ipf.draws_)
    np.testing.assert_allclose(rows.loc[made, ["a", "b"]], mixed, rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "value"),
    [("min_removed", 0.0), ("min_removed", 1.5), ("n_partitions", 0), ("n_rounds", 0), ("voting", "any")],
)
def test_arguments_out_of_range(name, value):
    with pytest.raises(ValueError, match=f"The '{name}' parameter of SMOTEIPF must be .* Got {value!r}"):
        SMOTEIPF(**{name: value}).fit_resample(*blobs())


@pytest.mark.parametrize("container", [np.asarray, torch.as_tensor, pd.DataFrame])
def test_far_off_numbers_are_filtered_as_near_ones(container):
    X, y = blobs()
    near, far = SMOTEIPF(random_state=0), SMOTEIPF(random_state=0)
    near.fit_resample(container(X), y)
    far.fit_resample(container(X + 1.7e9), y)
    assert abs(len(near.sample_indices_) - len(far.sample_indices_)) <= 2
