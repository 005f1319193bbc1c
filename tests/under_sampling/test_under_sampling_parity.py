"""The rows of imbalanced-learn 0.14.2, in its order: every class, every form of `sampling_strategy`."""

import numpy as np
import pytest
import torch
from imblearn import under_sampling as peer
from scipy import sparse
from sklearn.datasets import make_classification
from sklearn.decomposition import PCA
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeClassifier

import torchsmote.under_sampling as ours

pytestmark = [
    pytest.mark.filterwarnings("ignore::torchsmote.TorchSMOTEWarning"),
    pytest.mark.filterwarnings("ignore:The number of the samples to be selected is larger"),
]

EDITED = ("EditedNearestNeighbours", "RepeatedEditedNearestNeighbours", "AllKNN")
CASES = {
    "random": ("RandomUnderSampler", {"random_state": 3}),
    "random-replaced": ("RandomUnderSampler", {"random_state": 3, "replacement": True}),
    "near-1": ("NearMiss", {}),
    "near-2": ("NearMiss", {"version": 2}),
    "near-3": ("NearMiss", {"version": 3, "n_neighbors": 4, "n_neighbors_ver3": 9}),
    "near-3-few": ("NearMiss", {"version": 3}),
    "rule": ("NeighbourhoodCleaningRule", {}),
    "rule-5": ("NeighbourhoodCleaningRule", {"n_neighbors": 5, "threshold_cleaning": 2.0}),
    "rule-all": ("NeighbourhoodCleaningRule", {"sampling_strategy": "all"}),
    "hardness": ("InstanceHardnessThreshold", {"random_state": 2, "cv": 3}),
    "centroids": ("ClusterCentroids", {"random_state": 1}),
    "condensed": ("CondensedNearestNeighbour", {"random_state": 1}),
    "condensed-4": ("CondensedNearestNeighbour", {"n_neighbors": 4, "n_seeds_S": 7}),
    "condensed-all": ("CondensedNearestNeighbour", {"n_neighbors": 2, "sampling_strategy": "all"}),
    "one-sided": ("OneSidedSelection", {"random_state": 1}),
    "one-sided-3": ("OneSidedSelection", {"n_neighbors": 3, "n_seeds_S": 20, "random_state": 2}),
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


def data(n_classes, dtype=np.float64, n=400, d=8, seed=3):
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
    known = getattr(ours, name)().get_params()
    if "random_state" in known:
        params = {"random_state": 0, **params}
    if name == "InstanceHardnessThreshold":
        params = {"estimator": DecisionTreeClassifier(max_depth=4), **params}
    return getattr(ours, name)(**params), getattr(peer, name)(**params)


def same(mine, theirs, X, y):
    X_mine, y_mine = mine.fit_resample(X, y)
    X_theirs, y_theirs = theirs.fit_resample(X, y)
    np.testing.assert_array_equal(y_mine, y_theirs)
    if isinstance(mine, ours.ClusterCentroids):  # which makes rows: threads sum them in any order
        tolerance = {"rtol": 1e-4, "atol": 1e-4} if X.dtype == np.float32 else {"rtol": 1e-10, "atol": 1e-12}
        np.testing.assert_allclose(X_mine, X_theirs, **tolerance)
    else:
        np.testing.assert_array_equal(mine.sample_indices_, theirs.sample_indices_)
        np.testing.assert_array_equal(X_mine, X_theirs)
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
    for attribute in ("n_iter_", "classes_to_clean_", "voting_"):
        assert getattr(mine, attribute, None) == getattr(theirs, attribute, None)


@pytest.mark.parametrize("case", CASES)
def test_same_rows_of_high_dimension(case):
    name, params = CASES[case]
    rng = np.random.RandomState(0)
    y = (rng.rand(250) < 0.2).astype(int)
    X = (rng.randn(250, 40) + y[:, None] * 0.3 + 50).astype(np.float32)
    same(*both(name, **params), X, y)


@pytest.mark.parametrize("name", ours.__all__)
@pytest.mark.parametrize("strategy", ["auto", "majority", "not minority", "not majority", "all"])
def test_strategies_by_name(name, strategy):
    same(*both(name, sampling_strategy=strategy), *data(3, n=300))


CLEANERS = [
    name for name in ours.__all__ if list in getattr(ours, name)._parameter_constraints["sampling_strategy"]
]


@pytest.mark.parametrize("name", CLEANERS)
@pytest.mark.parametrize("strategy", [[0], [2, 0], [0, 1, 2]])
def test_strategies_as_lists(name, strategy):
    same(*both(name, sampling_strategy=strategy), *data(3, n=300))


@pytest.mark.parametrize("name", EDITED)
@pytest.mark.parametrize("metric", ["euclidean", "manhattan"])
def test_an_estimator_counts_the_row_itself(name, metric):
    nn = NearestNeighbors(n_neighbors=4, metric=metric)
    mine, _ = same(*both(name, n_neighbors=nn), *data(3))
    assert mine.nn_ is not nn
    assert mine.nn_.n_neighbors == 4
    nn_of_count, _ = same(*both(name, n_neighbors=3), *data(3))
    assert nn_of_count.nn_.n_neighbors == 4


@pytest.mark.parametrize("version", [1, 2, 3])
@pytest.mark.parametrize("metric", ["euclidean", "manhattan"])
def test_near_miss_takes_estimators(version, metric):
    nn, around = (NearestNeighbors(n_neighbors=k, metric=metric) for k in (4, 7))
    mine, _ = same(*both("NearMiss", version=version, n_neighbors=nn, n_neighbors_ver3=around), *data(3))
    assert mine.nn_.n_neighbors == 4
    assert hasattr(mine, "nn_ver3_") == (version == 3)


RULE_PARTS = [
    {"n_neighbors": NearestNeighbors(n_neighbors=4)},
    {"n_neighbors": KNeighborsClassifier(4), "edited_nearest_neighbours": peer.EditedNearestNeighbours()},
    {"n_neighbors": KNeighborsClassifier(5), "edited_nearest_neighbours": ours.EditedNearestNeighbours()},
    {"edited_nearest_neighbours": peer.AllKNN(kind_sel="mode")},
]


@pytest.mark.parametrize("parts", RULE_PARTS, ids=["search", "classifier", "ours", "editing"])
def test_the_cleaning_rule_takes_estimators(parts):
    same(*both("NeighbourhoodCleaningRule", **parts), *data(3))


def test_a_classifier_alone_is_enough_for_the_cleaning_rule():
    X, y = data(3)
    alone = ours.NeighbourhoodCleaningRule(n_neighbors=KNeighborsClassifier(3)).fit_resample(X, y)[0]
    np.testing.assert_array_equal(alone, ours.NeighbourhoodCleaningRule(n_neighbors=3).fit_resample(X, y)[0])


def test_a_hardness_estimator_is_seeded_in_the_order_of_names():
    steps = make_pipeline(PCA(3, svd_solver="randomized"), DecisionTreeClassifier(max_features=2))
    params = {"estimator": steps, "random_state": 4}
    mine, theirs = same(*both("InstanceHardnessThreshold", **params), *data(3))
    name = "decisiontreeclassifier__random_state"
    assert mine.estimator_.get_params()[name] == theirs.estimator_.get_params()[name] is not None


def test_the_default_forest_of_hardness():
    same(*both("InstanceHardnessThreshold", estimator=None), *data(2, n=150))


@pytest.mark.parametrize(
    "name",
    ["RandomUnderSampler", "InstanceHardnessThreshold", "CondensedNearestNeighbour", "OneSidedSelection"],
)
def test_a_random_state_is_used_twice(name):
    X, y = data(3, n=150)
    mine, _ = both(name, random_state=np.random.RandomState(5))
    _, theirs = both(name, random_state=np.random.RandomState(5))
    for _ in range(2):
        same(mine, theirs, X, y)


COUNTS = [0.5, 1.0, {0: 100}, {0: 60, 1: 60}, lambda y: {0: 3 * int((y == 1).sum())}]


@pytest.mark.parametrize("strategy", COUNTS)
@pytest.mark.parametrize("name", [name for name in ours.__all__ if name not in CLEANERS])
def test_strategies_as_counts(name, strategy):
    X, y = data(2)
    same(*both(name, sampling_strategy=strategy), X, y)


@pytest.mark.parametrize("name", ours.__all__)
def test_ties_of_class_sizes(name):
    X, y = data(3)
    rows = np.concatenate(
        [np.flatnonzero(y == label)[:count] for label, count in ((2, 60), (0, 150), (1, 60))]
    )
    same(*both(name), X[rows], y[rows])


@pytest.mark.parametrize("name", [name for name in ours.__all__ if name != "ClusterCentroids"])
def test_sparse_tables_give_the_same_rows(name):
    X, y = data(2, n=200)
    X[np.abs(X) < 0.3] = 0
    mine, theirs = both(name)
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
    exact = name != "ClusterCentroids"
    np.testing.assert_allclose(rows.cpu(), expected, rtol=0 if exact else 1e-4, atol=0 if exact else 1e-4)
    np.testing.assert_array_equal(labels.cpu(), expected_labels)


@pytest.mark.parametrize("name", ["CondensedNearestNeighbour", "OneSidedSelection"])
@pytest.mark.parametrize(
    "classifier",
    [
        KNeighborsClassifier(3),
        KNeighborsClassifier(3, weights="distance"),
        KNeighborsClassifier(1, metric="manhattan"),
    ],
    ids=["plain", "weighted", "manhattan"],
)
def test_a_store_takes_classifiers(name, classifier):
    X, y = data(3, n=300)
    mine, theirs = same(*both(name, n_neighbors=classifier, n_seeds_S=3), X, y)
    assert len(mine.estimators_) == 2
    for one, other in zip(mine.estimators_, theirs.estimators_, strict=True):
        np.testing.assert_array_equal(one.predict(X), other.predict(X))


def test_the_store_grows_over_many_blocks():
    rng = np.random.RandomState(0)
    y = (rng.rand(900) < 0.15).astype(int)
    X = (rng.randn(900, 20) + 0.5 * y[:, None]).astype(np.float32)
    mine, _ = same(*both("CondensedNearestNeighbour", n_neighbors=3), X, y)
    assert len(mine.sample_indices_) > 200


@pytest.mark.parametrize("n_classes", [2, 3])
def test_hard_voting_keeps_the_row_nearest_to_each_center(n_classes):
    X, y = data(n_classes)
    mine, theirs = both("ClusterCentroids", voting="hard")
    rows, labels = mine.fit_resample(X, y)
    expected, expected_labels = theirs.fit_resample(X, y)
    np.testing.assert_array_equal(labels, expected_labels)
    np.testing.assert_array_equal(X[mine.sample_indices_], rows)
    np.testing.assert_array_equal(y[mine.sample_indices_], labels)
    centers = ours.ClusterCentroids(voting="soft", random_state=0).fit_resample(X, y)[0]
    # A centre of two rows is as near to both: rounding decides which is kept, so distances are compared.
    distances = [np.linalg.norm(kept - centers, axis=1) for kept in (rows, expected)]
    np.testing.assert_allclose(*distances, rtol=1e-6, atol=1e-9)
    assert (rows == expected).all(1).mean() > 0.8
