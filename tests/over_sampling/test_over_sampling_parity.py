"""The rows of imbalanced-learn 0.14.2 for int seeds and RandomStates, its counts, order and dtypes."""

import numpy as np
import pytest
import torch
from imblearn import over_sampling as peer
from scipy import sparse
from sklearn.datasets import make_classification

import torchsmote.over_sampling as ours

METHODS = {
    "random": ("RandomOverSampler", {}),
    "random-shrinkage": ("RandomOverSampler", {"shrinkage": 0.5}),
    "smote": ("SMOTE", {}),
    "smote-k3": ("SMOTE", {"k_neighbors": 3}),
    "borderline-1": ("BorderlineSMOTE", {}),
    "borderline-2": ("BorderlineSMOTE", {"kind": "borderline-2", "m_neighbors": 7}),
    "adasyn": ("ADASYN", {}),
    "adasyn-7": ("ADASYN", {"n_neighbors": 7}),
}


def data(n_classes, dtype=np.float64, n=600, d=8):
    weights = {2: [0.85], 3: [0.6, 0.25]}[n_classes]
    X, y = make_classification(
        n_samples=n,
        n_features=d,
        n_informative=4,
        n_classes=n_classes,
        weights=weights,
        flip_y=0.05,
        class_sep=0.7,
        random_state=3,
    )
    return X.astype(dtype), y


def both(method, **params):
    name, fixed = METHODS[method]
    return getattr(ours, name)(**fixed, **params), getattr(peer, name)(**fixed, **params)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize(("dtype", "rtol"), [(np.float64, 1e-10), (np.float32, 1e-4)])
@pytest.mark.parametrize("seed", [0, 42])
def test_same_rows_for_an_int_seed(method, n_classes, dtype, rtol, seed):
    X, y = data(n_classes, dtype)
    mine, theirs = both(method, random_state=seed)
    X_mine, y_mine = mine.fit_resample(X, y)
    X_theirs, y_theirs = theirs.fit_resample(X, y)
    assert X_mine.dtype == X.dtype
    assert y_mine.dtype == y.dtype
    np.testing.assert_array_equal(y_mine, y_theirs)
    np.testing.assert_allclose(X_mine, X_theirs, rtol=rtol, atol=rtol)
    np.testing.assert_array_equal(X_mine[: len(X)], X)
    assert len(X_mine) > len(X)


@pytest.mark.parametrize("method", METHODS)
def test_same_rows_for_a_random_state_used_twice(method):
    X, y = data(3)
    mine, _ = both(method, random_state=np.random.RandomState(5))
    _, theirs = both(method, random_state=np.random.RandomState(5))
    for _ in range(2):
        np.testing.assert_allclose(mine.fit_resample(X, y)[0], theirs.fit_resample(X, y)[0], rtol=1e-10)


def final_counts(y):
    return {1: 200, 0: 520}


def name_of(value):
    """An id without the address of a function, so that every process collects the same tests."""
    return getattr(value, "__name__", str(value))


STRATEGIES = {
    2: [
        "auto",
        "minority",
        "not majority",
        "not minority",
        "all",
        0.5,
        1.0,
        {1: 300},
        final_counts,
    ],
    3: ["auto", "minority", "not majority", "not minority", "all", {1: 300, 2: 250}, {2: 350}],
}


@pytest.mark.parametrize(
    ("n_classes", "strategy"),
    [(c, s) for c, strategies in STRATEGIES.items() for s in strategies],
    ids=name_of,
)
@pytest.mark.parametrize("method", ["random", "smote", "borderline-1", "adasyn"])
def test_every_form_of_sampling_strategy(method, n_classes, strategy):
    X, y = data(n_classes)
    mine, theirs = both(method, sampling_strategy=strategy, random_state=1)
    X_mine, y_mine = mine.fit_resample(X, y)
    X_theirs, y_theirs = theirs.fit_resample(X, y)
    assert dict(mine.sampling_strategy_) == dict(theirs.sampling_strategy_)
    np.testing.assert_array_equal(y_mine, y_theirs)
    np.testing.assert_allclose(X_mine, X_theirs, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("method", ["smote", "borderline-2", "adasyn", "random"])
@pytest.mark.parametrize("kind", [sparse.csr_matrix, sparse.csc_matrix, sparse.csr_array])
def test_sparse_rows_equal_and_stay_sparse(method, kind):
    X, y = data(2)
    X[np.abs(X) < 0.5] = 0
    mine, theirs = both(method, random_state=0)
    X_mine, _ = mine.fit_resample(kind(X), y)
    X_theirs, _ = theirs.fit_resample(X, y)
    assert isinstance(X_mine, kind)
    np.testing.assert_allclose(X_mine.toarray(), X_theirs, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("labels", [["a", "b"], [False, True], [-3, 7], [0.0, 1.0]], ids=str)
def test_labels_of_any_dtype(labels):
    X, codes = data(2)
    y = np.array(labels)[codes]
    mine, theirs = both("smote", random_state=0)
    X_mine, y_mine = mine.fit_resample(X, y)
    X_theirs, y_theirs = theirs.fit_resample(X, y)
    assert y_mine.dtype == y.dtype
    np.testing.assert_array_equal(y_mine, y_theirs)
    np.testing.assert_allclose(X_mine, X_theirs, rtol=1e-10)


def test_tensors_get_the_rows_of_arrays(device):
    X, y = data(3, np.float32)
    for method in METHODS:
        mine, _ = both(method, random_state=9)
        expected, labels = mine.fit_resample(X, y)
        rows, new_labels = mine.fit_resample(torch.tensor(X, device=device), torch.tensor(y, device=device))
        assert rows.device.type == new_labels.device.type == device.type
        assert rows.dtype == torch.float32
        np.testing.assert_allclose(rows.cpu().numpy(), expected, rtol=1e-5, atol=1e-6)
        np.testing.assert_array_equal(new_labels.cpu().numpy(), labels)


def test_an_estimator_as_k_neighbors():
    from sklearn.neighbors import NearestNeighbors

    X, y = data(2)
    for method, argument in [
        ("smote", "k_neighbors"),
        ("borderline-1", "m_neighbors"),
        ("adasyn", "n_neighbors"),
    ]:
        mine, theirs = both(method, random_state=0)
        mine.set_params(**{argument: NearestNeighbors(n_neighbors=4)})
        theirs.set_params(**{argument: NearestNeighbors(n_neighbors=4)})
        np.testing.assert_allclose(mine.fit_resample(X, y)[0], theirs.fit_resample(X, y)[0], rtol=1e-10)
