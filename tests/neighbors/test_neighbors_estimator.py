"""KNeighbors where scikit-learn and imbalanced-learn expect their own neighbours object."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from imblearn.over_sampling import ADASYN, SMOTE, BorderlineSMOTE
from imblearn.under_sampling import EditedNearestNeighbours
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.neighbors import NearestNeighbors
from sklearn.utils.estimator_checks import parametrize_with_checks

from torchsmote.neighbors import KNeighbors

X = np.random.RandomState(0).normal(size=(150, 6))
Y = (np.arange(150) % 5 == 0).astype(int)


@pytest.mark.global_rng  # one of scikit-learn's checks seeds numpy
@parametrize_with_checks([KNeighbors()])
def test_scikit_learn_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("query", [None, X[:20] + 0.1])
def test_equals_scikit_learn(query, dtype):
    ours, theirs = (kind(n_neighbors=4).fit(X.astype(dtype)) for kind in (KNeighbors, NearestNeighbors))
    query = None if query is None else query.astype(dtype)
    distances, indices = ours.kneighbors(query)
    expected, expected_indices = theirs.kneighbors(query)
    np.testing.assert_array_equal(indices, expected_indices)
    np.testing.assert_allclose(distances, expected, rtol=1e-5)
    np.testing.assert_array_equal(ours.kneighbors(query, 2, return_distance=False), expected_indices[:, :2])
    for mode in ("connectivity", "distance"):
        graphs = [one.kneighbors_graph(query, mode=mode).toarray() for one in (ours, theirs)]
        np.testing.assert_allclose(*graphs, rtol=1e-5)


@pytest.mark.parametrize(
    "make", [SMOTE, lambda **names: BorderlineSMOTE(m_neighbors=KNeighbors(11), **names)]
)
def test_serves_imbalanced_learn_over_samplers(make):
    ours = make(k_neighbors=KNeighbors(6), random_state=0).fit_resample(X, Y)
    theirs = make(k_neighbors=6 - 1, random_state=0).fit_resample(X, Y)
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("make", [ADASYN, EditedNearestNeighbours])
def test_serves_imbalanced_learn_n_neighbors(make):
    seed = {"random_state": 0} if make is ADASYN else {}
    ours = make(n_neighbors=KNeighbors(6), **seed).fit_resample(X, Y)
    theirs = make(n_neighbors=5, **seed).fit_resample(X, Y)
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(one, other)


def test_sparse_and_whole_numbers():
    table = np.random.RandomState(1).randint(0, 5, size=(40, 6))
    expected = KNeighbors(3).fit(table.astype(float)).kneighbors()
    for given in (table, csr_matrix(table), csr_matrix(table.astype(np.float32))):
        np.testing.assert_array_equal(KNeighbors(3).fit(given).kneighbors()[1], expected[1])


@pytest.mark.parametrize("dtype", [torch.int64, torch.uint8, torch.int32])
def test_tensors_of_whole_numbers(dtype):
    table = torch.randint(0, 5, (40, 6), generator=torch.Generator().manual_seed(1)).to(dtype)
    model, expected = KNeighbors(3).fit(table), KNeighbors(3).fit(table.double())
    for query in (None, table[:5]):
        got, wanted = model.kneighbors(query), expected.kneighbors(None if query is None else query.double())
        assert got[0].dtype == torch.float64
        assert torch.equal(got[0], wanted[0])
        assert torch.equal(got[1], wanted[1])


def test_tensors_in_tensors_out(device):
    rows = torch.from_numpy(X).to(device)
    distances, indices = KNeighbors(3).fit(rows).kneighbors(rows[:5])
    assert distances.device.type == indices.device.type == device.type
    assert indices[:, 0].tolist() == [0, 1, 2, 3, 4]


def test_more_neighbours_than_rows():
    model = KNeighbors(4).fit(X[:4])
    assert model.kneighbors(X[:1])[1].shape == (1, 4)
    for query, most in ((None, "3"), (X, "4")):
        with pytest.raises(ValueError, match=most) as caught:
            model.kneighbors(query, 5)
        assert "n_neighbors" in str(caught.value)


@pytest.mark.parametrize(
    ("call", "error", "fact"),
    [
        (lambda: KNeighbors(0).fit(X), ValueError, "`n_neighbors`"),
        (lambda: KNeighbors(2.5).fit(X), TypeError, "`n_neighbors`"),
        (lambda: KNeighbors().kneighbors(X), NotFittedError, "KNeighbors"),
        (lambda: KNeighbors().fit(X).kneighbors(X[:, :2]), ValueError, "2 features"),
        (lambda: KNeighbors().fit(X).kneighbors_graph(mode="weights"), ValueError, "'weights'"),
        (lambda: KNeighbors(device="no such device").fit(X), ValueError, "no such device"),
        (lambda: KNeighbors(metric="manhattan").fit(X).kneighbors(), ValueError, "'manhattan'"),
    ],
)
def test_errors(call, error, fact):
    with pytest.raises(error, match=fact):
        call()


def test_parameters_survive_clone():
    model = clone(KNeighbors(7, metric="cosine", backend="torch", device="cpu"))
    expected = {"n_neighbors": 7, "metric": "cosine", "backend": "torch", "device": "cpu", "n_jobs": None}
    assert model.get_params() == expected
