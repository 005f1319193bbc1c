"""Defects that were found once, each with the case that showed it."""

import numpy as np
import pandas as pd
import pytest
import torch
from imblearn import over_sampling as peer
from scipy import sparse

from torchsmote import ADASYN, SMOTE, DataWarning, RandomOverSampler, synthesize


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.uint16, np.int16, np.uint32, np.int64, np.uint64])
@pytest.mark.parametrize("kind", ["array", "sparse", "frame"])
def test_whole_numbers_are_mixed_in_float_and_rounded(dtype, kind):
    values = np.random.RandomState(0).randint(0, 120, (40, 3)).astype(dtype)
    y = (np.arange(40) % 4 == 0).astype(int)
    given = {"array": values, "sparse": sparse.csr_matrix(values), "frame": pd.DataFrame(values)}[kind]
    sampler = SMOTE(k_neighbors=3, random_state=0)
    with pytest.warns(DataWarning):
        rows, _ = sampler.fit_resample(given, y)
    rows = rows.toarray() if kind == "sparse" else np.asarray(rows)
    exact = synthesize(torch.tensor(values.astype(float)), sampler.draws_).numpy()
    assert rows.dtype == dtype
    np.testing.assert_array_equal(rows[40:], np.rint(exact).astype(dtype))


@pytest.mark.filterwarnings("ignore:.*has whole numbers in")
@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.uint16, np.int32])
def test_noise_never_wraps_around_the_end_of_a_dtype(dtype):
    limit = np.iinfo(dtype)
    X = np.full((30, 1), limit.max, dtype)
    X[::2] = limit.max - 40
    y = (np.arange(30) >= 24).astype(int)
    with pytest.warns(DataWarning, match="range"):
        rows, _ = RandomOverSampler(shrinkage=1.0, random_state=0).fit_resample(X, y)
    assert rows.dtype == dtype
    assert (rows[30:] > limit.max - 110).all()


@pytest.mark.filterwarnings("ignore")
def test_adasyn_rounds_its_shares_as_imbalanced_learn():
    found = 0
    for seed in range(120):
        rng = np.random.RandomState(seed)
        X, y = rng.randn(40, 2), np.array([0] * 27 + [1] * 13)
        try:
            expected = peer.ADASYN(random_state=0, sampling_strategy={1: 23}).fit_resample(X, y)[1]
        except (ValueError, RuntimeError):
            continue
        labels = ADASYN(random_state=0, sampling_strategy={1: 23}).fit_resample(X, y)[1]
        np.testing.assert_array_equal(labels, expected)
        found += 1
    assert found > 50


@pytest.mark.parametrize("dtype", ["Float64", "Float32", "float64[pyarrow]"])
def test_nullable_floats_come_back_as_they_were(dtype):
    pytest.importorskip("pyarrow")
    X = pd.DataFrame(np.random.RandomState(0).randn(30, 2), columns=["a", "b"]).astype(dtype)
    y = (np.arange(30) % 4 == 0).astype(int)
    rows, _ = SMOTE(random_state=0).fit_resample(X, y)
    assert (rows.dtypes == X.dtypes).all()
    expected, _ = SMOTE(random_state=0).fit_resample(X.to_numpy(dtype=float), y)
    np.testing.assert_allclose(rows.to_numpy(dtype=float), expected, rtol=1e-6)
    X.iloc[3, 1] = pd.NA
    with pytest.raises(ValueError, match="row 3, column 1"):
        SMOTE().fit_resample(X, y)


def test_random_over_sampling_checks_its_device_and_keeps_precision():
    X, y = np.random.RandomState(0).randn(20, 2), (np.arange(20) % 5 == 0).astype(int)
    for device in ("foo", "meta"):
        with pytest.raises(ValueError, match=device):
            RandomOverSampler(device=device).fit_resample(X, y)
        with pytest.raises(ValueError, match=device):
            SMOTE(device=device, k_neighbors=2).fit_resample(X, y)
    sampler = RandomOverSampler(random_state=0)
    rows, _ = sampler.fit_resample(X, y)
    assert sampler.draws_.steps.dtype == torch.float64
    np.testing.assert_array_equal(synthesize(torch.tensor(X), sampler.draws_), rows[20:])
    with pytest.raises(TypeError, match=r"'a'.*class 1"):
        RandomOverSampler(shrinkage={0: 1, 1: "a"}).fit_resample(X, y)


def test_labels_that_numpy_knows_badly():
    X = np.random.RandomState(0).randn(20, 2)
    y = torch.tensor([0.0, 1.0] * 10, dtype=torch.bfloat16)
    _, labels = SMOTE().fit_resample(torch.tensor(X), y)
    assert labels.dtype == torch.bfloat16
    missing = pd.Series(["a", "b"] * 10, dtype="string")
    missing[7] = pd.NA
    with pytest.raises(ValueError, match="row 7"):
        SMOTE().fit_resample(X, missing)


@pytest.mark.parametrize("X", [None, 3])
def test_what_is_no_table(X):
    with pytest.raises(TypeError, match="`X`"):
        SMOTE().fit_resample(X, [0, 1])


@pytest.mark.parametrize("indices", [[0, 1], torch.tensor([0], dtype=torch.int32), torch.tensor([[0]])])
def test_recipes_are_drawn_by_int64_tensors(indices):
    X, y = np.random.RandomState(0).randn(20, 2), (np.arange(20) % 5 == 0).astype(int)
    with pytest.raises(TypeError, match="`indices`"):
        SMOTE(k_neighbors=2).recipe(X, y).draw(indices, seed=0)
