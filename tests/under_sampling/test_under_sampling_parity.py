"""The rows of imbalanced-learn 0.14.2, in its order: every class, every form of `sampling_strategy`."""

import numpy as np
import pytest
import torch
from imblearn import under_sampling as peer
from scipy import sparse
from sklearn.datasets import make_classification
from sklearn.neighbors import NearestNeighbors

import torchsmote.under_sampling as ours

pytestmark = [
    pytest.mark.filterwarnings("ignore::torchsmote.TorchSMOTEWarning"),
    pytest.mark.filterwarnings("ignore:The number of the samples to be selected is larger"),
]

EDITED = ("EditedNearestNeighbours", "RepeatedEditedNearestNeighbours", "AllKNN")
CASES = {
    "tomek": ("TomekLinks", {}),
    "tomek-all": ("TomekLinks", {"sampling_strategy": "all"}),
    "enn": ("EditedNearestNeighbours", {}),
    "enn-mode": ("EditedNearestNeighbours", {"kind_sel": "mode", "n_neighbors": 4}),
    "renn": ("RepeatedEditedNearestNeighbours", {}),
    "renn-mode": ("RepeatedEditedNearestNeighbours", {"kind_sel": "mode"}),
    "renn-2": ("RepeatedEditedNearestNeighbours", {"max_iter": 2, "sampling_strategy": "all"}),
    "allknn": ("AllKNN", {}),
    "allknn-mode": ("AllKNN", {"kind_sel": "mode", "n_neighbors": 5}),
    "allknn-minority": ("AllKNN", {"n_neighbors": 6, "allow_minority": True}),
}


def data(n_classes, dtype=np.float64, n=600, d=8, seed=3):
    weights = {2: [0.85], 3: [0.6, 0.25]}[n_classes]
    X, y = make_classification(
        n_samples=n,
        n_features=d,
        n_informative=4,
        n_classes=n_classes,
        weights=weights,
        flip_y=0.05,
        class_sep=0.7,
        random_state=seed,
    )
    return X.astype(dtype), y


def both(name, **params):
    return getattr(ours, name)(**params), getattr(peer, name)(**params)


def same(mine, theirs, X, y):
    X_mine, y_mine = mine.fit_resample(X, y)
    X_theirs, y_theirs = theirs.fit_resample(X, y)
    np.testing.assert_array_equal(mine.sample_indices_, theirs.sample_indices_)
    np.testing.assert_array_equal(y_mine, y_theirs)
    np.testing.assert_array_equal(np.asarray(X_mine), np.asarray(X_theirs))
    assert (X_mine.dtype, y_mine.dtype) == (X.dtype, y.dtype)
    assert dict(mine.sampling_strategy_) == dict(theirs.sampling_strategy_)
    assert len(X_mine) > 0
    return mine, theirs


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("seed", [3, 11])
def test_same_rows(case, n_classes, dtype, seed):
    name, params = CASES[case]
    mine, theirs = same(*both(name, **params), *data(n_classes, dtype, seed=seed))
    assert len(mine.sample_indices_) < 600
    for attribute in ("n_iter_", "classes_to_clean_", "voting_"):
        assert getattr(mine, attribute, None) == getattr(theirs, attribute, None)


@pytest.mark.parametrize("case", CASES)
def test_same_rows_of_high_dimension(case):
    name, params = CASES[case]
    rng = np.random.RandomState(0)
    y = (rng.rand(400) < 0.2).astype(int)
    X = (rng.randn(400, 40) + y[:, None] * 0.3 + 50).astype(np.float32)
    same(*both(name, **params), X, y)


@pytest.mark.parametrize("name", ours.__all__)
@pytest.mark.parametrize("strategy", ["auto", "majority", "not minority", "not majority", "all"])
def test_strategies_by_name(name, strategy):
    params = {"random_state": 0} if "random_state" in getattr(ours, name)().get_params() else {}
    same(*both(name, sampling_strategy=strategy, **params), *data(3, n=300))


CLEANERS = [
    name for name in ours.__all__ if list in getattr(ours, name)._parameter_constraints["sampling_strategy"]
]


@pytest.mark.parametrize("name", CLEANERS)
@pytest.mark.parametrize("strategy", [[0], [2, 0], [0, 1, 2]])
def test_strategies_as_lists(name, strategy):
    params = {"random_state": 0} if "random_state" in getattr(ours, name)().get_params() else {}
    same(*both(name, sampling_strategy=strategy, **params), *data(3, n=300))


@pytest.mark.parametrize("name", EDITED)
@pytest.mark.parametrize("metric", ["euclidean", "manhattan"])
def test_an_estimator_counts_the_row_itself(name, metric):
    nn = NearestNeighbors(n_neighbors=4, metric=metric)
    mine, _ = same(*both(name, n_neighbors=nn), *data(3))
    assert mine.nn_ is not nn
    assert mine.nn_.n_neighbors == 4
    nn_of_count, _ = same(*both(name, n_neighbors=3), *data(3))
    assert nn_of_count.nn_.n_neighbors == 4


@pytest.mark.parametrize("name", ours.__all__)
def test_ties_of_class_sizes(name):
    X, y = data(3)
    rows = np.concatenate(
        [np.flatnonzero(y == label)[:count] for label, count in ((2, 60), (0, 150), (1, 60))]
    )
    params = {"random_state": 0} if "random_state" in getattr(ours, name)().get_params() else {}
    same(*both(name, **params), X[rows], y[rows])


@pytest.mark.parametrize("name", ours.__all__)
def test_sparse_tables_give_the_same_rows(name):
    X, y = data(2, n=200)
    X[np.abs(X) < 0.3] = 0
    params = {"random_state": 0} if "random_state" in getattr(ours, name)().get_params() else {}
    mine, theirs = both(name, **params)
    rows, labels = mine.fit_resample(sparse.csr_matrix(X), y)
    expected, expected_labels = theirs.fit_resample(sparse.csr_matrix(X), y)
    assert sparse.issparse(rows)
    np.testing.assert_allclose(rows.toarray(), expected.toarray(), rtol=1e-10)
    np.testing.assert_array_equal(labels, expected_labels)


@pytest.mark.parametrize("case", CASES)
def test_a_tensor_gives_the_rows_of_an_array(case, device):
    name, params = CASES[case]
    X, y = data(2, np.float32)
    mine, theirs = both(name, **params)
    rows, labels = mine.fit_resample(torch.tensor(X, device=device), torch.tensor(y, device=device))
    expected, expected_labels = theirs.fit_resample(X, y)
    np.testing.assert_array_equal(rows.cpu(), expected)
    np.testing.assert_array_equal(labels.cpu(), expected_labels)
