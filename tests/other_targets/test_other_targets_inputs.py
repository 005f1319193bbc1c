"""SMOTER and SMOGN: containers in and out, relevance in every form, bad input, and the loops' doors."""

from __future__ import annotations

import pickle
import re

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse
from sklearn.base import clone
from torch.utils.data import TensorDataset

from torchsmote import SMOGN, SMOTER, DataWarning, EmbeddingSMOTE, SMOTEDataset
from torchsmote.other_targets import Relevance

METHODS = pytest.mark.parametrize("method", [SMOTER, SMOGN])
HIGH = [[0, 0], [10, 1]]


def table(n=60, seed=0):
    rng = np.random.RandomState(seed)
    y = np.where(np.arange(n) % 5 == 0, 10 + 5 * rng.rand(n), rng.rand(n))
    return rng.randn(n, 3) + y[:, None], y


X0, Y0 = table()


@METHODS
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
@pytest.mark.parametrize("column", [True, False])
def test_tensors(method, dtype, column, device):
    X, y = (torch.tensor(values, device=device, dtype=dtype) for values in (X0, Y0))
    y = y[:, None] if column else y
    before = X.clone(), y.clone()
    sampler = method(relevance=HIGH, random_state=0)
    X_new, y_new = sampler.fit_resample(X, y)
    assert (X_new.dtype, X_new.device, y_new.dtype, y_new.device) == (dtype, X.device, dtype, y.device)
    assert X_new.shape == (60, 3)
    assert y_new.shape == ((60, 1) if column else (60,))
    kept = torch.from_numpy(sampler.sample_indices_[sampler.sample_indices_ >= 0]).to(device)
    assert torch.equal(X_new[: len(kept)], X[kept])
    assert torch.equal(y_new[: len(kept)], y[kept])
    assert X_new.isfinite().all()
    assert torch.equal(X, before[0])
    assert torch.equal(y, before[1])


@METHODS
def test_arrays_frames_and_lists(method):
    def run(X, y):
        return method(relevance=HIGH, random_state=0).fit_resample(X, y)

    X_ref, y_ref = run(X0, Y0)
    index = np.arange(60) + 9
    frame = pd.DataFrame(X0, columns=list("abc"), index=index)
    series = pd.Series(Y0, index=index, name="cost")
    X_new, y_new = run(frame, series)
    assert isinstance(y_new, pd.Series)
    assert y_new.name == "cost"
    assert X_new.index.equals(y_new.index)
    assert y_new.index.equals(pd.RangeIndex(60))
    np.testing.assert_array_equal(X_new.to_numpy(), X_ref)
    np.testing.assert_array_equal(y_new.to_numpy(), y_ref)
    for kind in (series.to_frame(), series.astype("Float64"), series.astype("Float64").to_frame()):
        _, same = run(frame, kind)
        assert type(same) is type(kind)
        assert np.all(same.dtypes == kind.dtypes)
        np.testing.assert_array_equal(same.to_numpy(dtype=float).ravel(), y_ref)
    X_list, y_list = run(X0.tolist(), Y0.tolist())
    assert isinstance(y_list, list)
    assert y_list == y_ref.tolist()
    np.testing.assert_array_equal(X_list, X_ref)
    _, y_column = run(X0, Y0[:, None])
    assert y_column.shape == (60, 1)
    np.testing.assert_array_equal(y_column[:, 0], y_ref)
    X_sparse, _ = run(sparse.csr_array(X0), Y0)
    assert sparse.issparse(X_sparse)
    np.testing.assert_allclose(X_sparse.toarray(), X_ref)
    X_images, _ = run(X0.reshape(60, 3, 1), Y0)
    np.testing.assert_array_equal(X_images, X_ref.reshape(60, 3, 1))


@METHODS
def test_whole_numbers_are_rounded_and_said(method):
    whole = Y0.round().astype(np.int16)
    with pytest.warns(DataWarning, match="`y` has whole numbers .int16.*rounded") as caught:
        X_new, y_new = method(relevance=HIGH, random_state=0).fit_resample(X0, whole)
    assert caught[0].filename == __file__
    assert y_new.dtype == np.int16
    X_float, y_float = method(relevance=HIGH, random_state=0).fit_resample(X0, whole.astype(float))
    np.testing.assert_array_equal(y_new, np.rint(y_float))
    np.testing.assert_array_equal(X_new, X_float)
    with pytest.warns(DataWarning):
        _, as_list = method(relevance=HIGH, random_state=0).fit_resample(X0, whole.tolist())
    assert as_list == y_new.tolist()
    assert type(as_list[-1]) is int
    with pytest.warns(DataWarning, match="`X` has whole numbers"):
        rows, _ = method(relevance=HIGH, random_state=0).fit_resample((10 * X0).round().astype(int), Y0)
    assert rows.dtype == int


def test_whole_targets_beyond_their_dtype():
    y = np.where(np.arange(60) % 5 == 0, 255, 3).astype(np.uint8)
    y[:30:5] = 200
    sampler = SMOGN(relevance=[[0, 0], [100, 1]], perturbation=5.0, k_neighbors=9, random_state=0)
    with pytest.warns(DataWarning), pytest.raises(ValueError, match="`y` of dtype uint8 cannot hold"):
        sampler.fit_resample(np.random.RandomState(0).randn(60, 2), y)


@METHODS
def test_relevance_in_every_form(method):
    def run(relevance, **other):
        sampler = method(relevance=relevance, random_state=0, **other)
        return sampler.fit_resample(X0, Y0)[0], sampler

    expected, sampler = run(HIGH)
    np.testing.assert_allclose(sampler.relevance_, Relevance(HIGH)(Y0))
    for same in (np.array(HIGH), torch.tensor(HIGH), pd.DataFrame(HIGH), Relevance(HIGH)):
        np.testing.assert_array_equal(run(same)[0], expected)
    np.testing.assert_array_equal(run(lambda y: (y >= 10).astype(float))[0], expected)
    np.testing.assert_array_equal(run(lambda y: torch.from_numpy(y) >= 10)[0], expected)
    for name, rare in (("auto", [False, True]), ("high", [False, True])):
        assert [own.rare for own in run(name)[1].bins_] == rare
    with pytest.raises(ValueError, match="no value of y has"):
        run("low")
    low = method(relevance="low", random_state=0).fit(X0, -Y0)
    assert [own.rare for own in low.bins_] == [True, False]
    low, high = run(HIGH, relevance_threshold=0.1)[1].bins_
    assert low.high < high.low
    assert (high.rare, high.high) == (True, Y0.max())


@METHODS
@pytest.mark.parametrize(
    ("y", "error", "fact"),
    [
        (np.full(60, 3.0), ValueError, "`y` is constant: 3 in every row"),
        (np.where(np.arange(60) == 7, np.nan, Y0), ValueError, "`y` contains NaN or infinity: nan in row 7"),
        (np.where(np.arange(60) == 8, np.inf, Y0), ValueError, "inf in row 8"),
        (np.linspace(4, 6, 60), ValueError, "no value of y has a relevance of relevance_threshold=0.8"),
        (np.linspace(10, 16, 60), ValueError, "all values of y have a relevance"),
        (Y0.astype(str), TypeError, "needs a continuous target"),
        (Y0 > 1, TypeError, "`y` has dtype bool"),
        (Y0.astype(object), TypeError, "object"),
        (np.stack((Y0, Y0), 1), ValueError, "one number a row, shape (n,), got shape (60, 2)"),
        (Y0[:-1], ValueError, "`X` has 60 rows but `y` has 59"),
        (None, ValueError, "`y` is None"),
        (pd.Series(Y0).astype("Float64").mask(np.arange(60) == 3), ValueError, "nan in row 3"),
    ],
)
def test_bad_targets(method, y, error, fact):
    with pytest.raises(error, match=re.escape(fact)):
        method(relevance=HIGH).fit_resample(X0, y)


@METHODS
@pytest.mark.parametrize(
    ("arguments", "error", "fact"),
    [
        ({"relevance": "median"}, ValueError, "'relevance' parameter"),
        ({"relevance": [[0, 0], [0, 1]]}, ValueError, "two control points at y=0"),
        ({"relevance": lambda y: y}, ValueError, "in [0, 1] for each of 60 values of y"),
        ({"relevance": lambda y: y[:5] * 0}, ValueError, "got shape (5,)"),
        ({"relevance": lambda y: y * np.nan}, ValueError, "in [0, 1]"),
        ({"relevance_threshold": 0}, ValueError, "'relevance_threshold' parameter"),
        ({"under_sample": "no"}, ValueError, "'under_sample' parameter"),
        ({"sampling_strategy": "auto"}, ValueError, "'sampling_strategy' parameter"),
        ({"sampling_strategy": 1.5}, ValueError, "'sampling_strategy' parameter"),
        ({"sampling_strategy": 0.1}, ValueError, "=0.1 adds no row: each rare bin has 4 rows or more"),
        ({"sampling_strategy": {5: 10}}, ValueError, "bin 5, but y has the bins [0, 1], with [48, 12] rows"),
        ({"sampling_strategy": {1: 20.0}}, TypeError, "bin 1 the count 20.0; it must be an int"),
        ({"sampling_strategy": {1: True}}, TypeError, "it must be an int"),
        ({"sampling_strategy": {1: -1}}, ValueError, "cannot be negative"),
        ({"sampling_strategy": {0: 9}, "under_sample": False}, ValueError, "9 rows of bin 0, which has 48"),
        ({"k_neighbors": 0}, ValueError, "'k_neighbors' parameter"),
        ({"k_neighbors": 12}, ValueError, "has 12 samples but k_neighbors=12 needs 13"),
    ],
)
def test_bad_arguments(method, arguments, error, fact):
    with pytest.raises(error, match=re.escape(fact)):
        method(**{"relevance": HIGH, **arguments}).fit_resample(X0, Y0)


def test_bad_perturbation():
    with pytest.raises(ValueError, match="'perturbation' parameter"):
        SMOGN(relevance=HIGH, perturbation=-0.1).fit(X0, Y0)


@METHODS
def test_they_are_estimators(method):
    sampler = method(k_neighbors=3, relevance=HIGH, random_state=1)
    assert set(sampler.get_params()) == set(method._parameter_constraints)
    assert clone(sampler).get_params() == sampler.get_params()
    assert repr(sampler).startswith(f"{method.__name__}(k_neighbors=3, random_state=1")
    assert sampler.fit(X0, Y0) is sampler
    assert [own.n_wanted for own in sampler.bins_] == [30, 30]
    again = pickle.loads(pickle.dumps(sampler))
    np.testing.assert_array_equal(again.fit_resample(X0, Y0)[0], sampler.fit_resample(X0, Y0)[0])
    frame = pd.DataFrame(X0, columns=list("abc"))
    assert sampler.fit(frame, Y0).feature_names_in_.tolist() == ["a", "b", "c"]


@METHODS
def test_loops_refuse_them_at_construction(method):
    name = method.__name__
    sentence = rf"{name} cannot draw rows in a training loop.*interpolated.*{name}\(\)\.fit_resample"
    with pytest.raises(TypeError, match=sentence):
        EmbeddingSMOTE(3, method())
    data = TensorDataset(torch.tensor(X0), torch.tensor(Y0))
    with pytest.raises(TypeError, match=sentence):
        SMOTEDataset(data, method())
