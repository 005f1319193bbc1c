"""Bad input and its messages; tables that are no plain matrix; what the fitted attributes say."""

import re

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import AgglomerativeClustering, KMeans
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors

from torchsmote import (
    AllKNN,
    ClusterCentroids,
    CondensedNearestNeighbour,
    DataWarning,
    EditedNearestNeighbours,
    FewSamplesWarning,
    InstanceHardnessThreshold,
    NearMiss,
    NeighbourhoodCleaningRule,
    OneSidedSelection,
    RandomUnderSampler,
    TomekLinks,
    under_sampling,
)
from torchsmote.under_sampling.nearest import distances_of, farthest_squared

ALL = [getattr(under_sampling, name) for name in under_sampling.__all__]
READERS = [method for method in ALL if method is not RandomUnderSampler]


def table(n=60, d=4, dtype=np.float32, seed=0):
    rng = np.random.RandomState(seed)
    y = (np.arange(n) % 5 == 0).astype(np.int64)
    return (rng.randn(n, d) + 1.2 * y[:, None]).astype(dtype), y


def made(method, **params):
    if "random_state" in method().get_params():
        params = {"random_state": 0, **params}
    if method is InstanceHardnessThreshold:
        params = {"estimator": GaussianNB(), **params}
    return method(**params)


@pytest.mark.parametrize("method", ALL)
@pytest.mark.parametrize("as_tensor", [True, False])
def test_trailing_axes_are_kept(method, as_tensor):
    X, y = table()
    flat, labels = made(method).fit_resample(X, y)
    images = X.reshape(-1, 2, 1, 2)
    rows, image_labels = made(method).fit_resample(torch.tensor(images) if as_tensor else images, y)
    assert rows.shape[1:] == (2, 1, 2)
    np.testing.assert_array_equal(np.asarray(rows).reshape(len(rows), -1), flat)
    np.testing.assert_array_equal(image_labels, labels)


@pytest.mark.parametrize("method", ALL)
def test_labels_of_any_kind_choose_the_same_rows(method):
    X, y = table()
    expected, _ = made(method).fit_resample(X, y)
    for labels in (
        np.array(["a", "b"])[y],
        y.astype(bool),
        y * 9 - 5,
        pd.Series(y, dtype="category"),
        y * 1.0,
    ):
        rows, kept = made(method).fit_resample(X, labels)
        np.testing.assert_array_equal(rows, expected)
        assert kept.dtype == labels.dtype


@pytest.mark.parametrize("method", READERS)
def test_what_no_distance_can_read(method):
    X, y = table()
    X[7, 2] = np.nan
    with pytest.raises(ValueError, match="row 7, column 2"):
        made(method).fit_resample(X, y)
    with pytest.raises(TypeError, match=r"dtype object.*RandomUnderSampler"):
        made(method).fit_resample(X.astype(object), y)
    with pytest.raises(ValueError, match="59 rows but `y` has 60 labels"):
        made(method).fit_resample(X[1:], y)
    with pytest.raises(ValueError, match="only 1 class: 3"):
        made(method).fit_resample(X, np.full(60, 3))


@pytest.mark.parametrize("method", ALL)
def test_fit_checks_but_chooses_nothing(method):
    X, y = table()
    sampler = made(method)
    assert sampler.fit(X, y) is sampler
    assert dict(sampler.sampling_strategy_) == {0: 12}
    assert not hasattr(sampler, "sample_indices_")


@pytest.mark.parametrize("method", READERS)
def test_whole_numbers_need_no_warning_where_no_row_is_made(method):
    X, y = table(dtype=np.float64)
    whole = np.rint(X * 100).astype(np.int16)
    params = {"voting": "hard"} if method is ClusterCentroids else {}
    rows, _ = made(method, **params).fit_resample(whole, y)
    assert rows.dtype == np.int16


SCALES = [(np.float64, 600), (np.float64, -600), (np.float32, 100), (np.float32, -100)]


@pytest.mark.parametrize(
    "method", [m for m in READERS if m not in (ClusterCentroids, InstanceHardnessThreshold)]
)
@pytest.mark.parametrize(("dtype", "power"), SCALES)
@pytest.mark.filterwarnings("ignore:.*had to go")
def test_the_scale_does_not_matter(method, dtype, power):
    X, y = table(dtype=dtype)
    for version in (1, 2, 3) if method is NearMiss else (None,):
        sampler = made(method) if version is None else NearMiss(version=version)
        chosen = []
        for factor in (1.0, 2.0**power):
            sampler.fit_resample(X * dtype(factor), y)
            chosen.append(sampler.sample_indices_)
        np.testing.assert_array_equal(*chosen)


def test_random_takes_any_content():
    frame = pd.DataFrame(
        {"text": list("abcdef"), "when": pd.date_range("2020", periods=6), "size": [1, None, 3, 4, None, 6]}
    )
    y = np.array([0, 0, 0, 0, 1, 1])
    sampler = RandomUnderSampler(random_state=1)
    rows, labels = sampler.fit_resample(frame, y)
    pd.testing.assert_frame_equal(rows, frame.iloc[sampler.sample_indices_].reset_index(drop=True))
    assert labels.tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize("replacement", [True, False])
def test_random_draws_on_the_generators_device(replacement, device):
    y = torch.tensor([0] * 30 + [1] * 10, device=device)
    X = torch.arange(40.0, device=device).reshape(-1, 1)
    sampler = RandomUnderSampler(
        random_state=torch.Generator(device).manual_seed(0),
        replacement=replacement,
        sampling_strategy={0: 20},
    )
    rows, labels = sampler.fit_resample(X, y)
    assert rows.device == X.device
    assert labels.bincount().tolist() == [20, 10]
    assert (len(rows[:20].unique()) < 20) == replacement
    assert torch.equal(rows[20:], X[30:])


def test_near_miss_with_fewer_rows_than_neighbors():
    X, y = np.arange(9.0)[:, None], np.array(["usual"] * 7 + ["rare"] * 2)
    with pytest.raises(
        ValueError, match=r"class 'rare' has 2 samples but n_neighbors=3 needs 3; lower .* to 2"
    ):
        NearMiss().fit_resample(X, y)
    with pytest.warns(FewSamplesWarning, match=r"class 'rare' has 2 samples but n_neighbors=3; the mean"):
        rows, _ = NearMiss(version=2).fit_resample(X, y)
    assert rows[:, 0].tolist() == [7.0, 8.0, 6.0, 5.0]
    with pytest.raises(ValueError, match=r"class 'usual' has 7 samples but n_neighbors_ver3=8"):
        NearMiss(version=3, n_neighbors=2, n_neighbors_ver3=8).fit_resample(X, y)


def test_near_miss_3_finds_fewer_than_asked_for():
    X = np.array([[0.0], [1.0], [2.0], [3.0], [4.0], [5.0], [6.0], [6.1], [6.2]])
    y = np.array([0] * 6 + [1] * 3)
    with pytest.warns(FewSamplesWarning, match=r"class 0 was to keep 3 rows, but only 1 .*n_neighbors_ver3"):
        _, labels = NearMiss(version=3, n_neighbors_ver3=1).fit_resample(X, y)
    assert labels.tolist() == [0, 1, 1, 1]


@settings(max_examples=30)
@given(st.integers(0, 9999), st.integers(1, 40), st.integers(1, 9))
def test_the_farthest_rows(seed, n, d):
    rng = np.random.RandomState(seed)
    asked, seen = torch.tensor(rng.randn(17, d) + 100), torch.tensor(rng.randn(n, d) + 100)
    k = rng.randint(1, n + 1)
    expected = ((asked[:, None] - seen[None]) ** 2).sum(-1).sort(1)[0][:, -k:]
    torch.testing.assert_close(farthest_squared(asked, seen, k), expected, rtol=1e-9, atol=1e-9)


def test_distances_are_rounded_like_scikit_learns():
    rng = np.random.RandomState(0)
    for d in (5, 40):
        X = rng.randn(300, d).astype(np.float32)
        seen, asked = X[:100], X[100:]
        distances, places = NearestNeighbors(n_neighbors=3).fit(seen).kneighbors(asked)
        squared = ((asked[:, None].astype(np.float64) - seen[places].astype(np.float64)) ** 2).sum(-1)
        found = distances_of(torch.tensor(squared), torch.tensor(seen), 3).numpy()
        assert (found != distances).mean() < (0.01 if d > 15 else 1.0)
        np.testing.assert_allclose(found, distances, rtol=1e-15 if d <= 15 else 1e-7)


@pytest.mark.parametrize("method", [CondensedNearestNeighbour, OneSidedSelection])
def test_a_store_smaller_than_the_vote(method):
    X, y = np.arange(9.0)[:, None], np.array(["usual"] * 7 + ["rare"] * 2)
    with pytest.raises(
        ValueError, match=r"class 'rare' has 2 samples.*n_seeds_S=1.*n_neighbors=4; lower.* to 3"
    ):
        made(method, n_neighbors=4).fit_resample(X, y)
    with pytest.raises(ValueError, match=r"NearestNeighbors.*does not classify"):
        made(method, n_neighbors=NearestNeighbors(n_neighbors=1)).fit_resample(X, y)


def condensed(X, y, seeds, k):
    """Hart's rule in one pass, one search for each row."""
    store = [*np.flatnonzero(y == 1), *seeds]
    for place, row in enumerate(np.flatnonzero(y == 0)):
        distances = ((X[store] - X[row]) ** 2).sum(1)
        votes = y[store][np.argsort(distances, kind="stable")[:k]]
        if np.bincount(votes, minlength=2).argmax() != 0 and place not in store[(y == 1).sum() :]:
            store.append(row)
    return np.array(store[(y == 1).sum() :])


@settings(max_examples=20)
@given(st.integers(0, 9999), st.integers(1, 4), st.integers(1, 3))
def test_a_block_at_a_time_is_a_row_at_a_time(seed, k, d):
    rng = np.random.RandomState(seed)
    y = (rng.rand(700) < 0.2).astype(int)
    y[:5] = 1
    X = rng.randint(0, 12, (700, d)).astype(np.float64)  # many ties
    sampler = CondensedNearestNeighbour(n_neighbors=k, random_state=seed, n_seeds_S=2)
    sampler.fit_resample(X, y)
    usual = np.flatnonzero(y == 0)
    seeds = usual[np.random.RandomState(seed).randint(low=0, high=len(usual), size=2)]
    kept = sampler.sample_indices_[: -(y == 1).sum()]
    np.testing.assert_array_equal(kept, condensed(X, y, seeds, k))
    assert (np.diff(kept[2:]) > 0).all()


def test_a_classifier_that_votes_alike_is_not_fitted_for_each_row(monkeypatch):
    X, y = table(300)
    fitted = []
    fit = KNeighborsClassifier.fit
    monkeypatch.setattr(KNeighborsClassifier, "fit", lambda self, *args: fitted.append(1) or fit(self, *args))
    made(CondensedNearestNeighbour, n_neighbors=KNeighborsClassifier(1)).fit_resample(X, y)
    assert len(fitted) == 1


def test_the_cleaning_rule_by_hand():
    # 9.0 is outvoted by its neighbours 8.8 and 9.3; the third neighbour, 3.0, goes with them.
    X = np.array([[0.0], [1.0], [2.1], [3.0], [8.8], [9.0], [9.3], [30.0], [30.5], [31.0]])
    y = np.array([0, 0, 0, 0, 0, 1, 0, 1, 1, 1])
    rule = NeighbourhoodCleaningRule(sampling_strategy=[0])
    rows, _ = rule.fit_resample(X, y)
    assert rows[:, 0].tolist() == [0.0, 1.0, 2.1, 9.0, 30.0, 30.5, 31.0]
    assert rule.classes_to_clean_ == [0]
    edited = rule.edited_nearest_neighbours_.sample_indices_
    assert sorted(edited.tolist()) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    strict = NeighbourhoodCleaningRule(sampling_strategy=[0], threshold_cleaning=2.0)
    with pytest.warns(UserWarning, match="had to go"):
        strict.fit_resample(X, y)
    assert strict.classes_to_clean_ == []


def test_hardness_with_fewer_rows_than_folds():
    X, y = table(30)
    y = np.where(np.arange(30) < 3, "rare", "usual")
    with pytest.warns(FewSamplesWarning, match=r"class 'rare' has 3 samples, fewer than cv=5.*lower cv"):
        _, labels = made(InstanceHardnessThreshold).fit_resample(X, y)
    assert (labels == "rare").sum() == 3
    with pytest.raises(ValueError, match=r"cv=40 needs a class of at least 40 rows.*has 27; lower cv"):
        made(InstanceHardnessThreshold, cv=40).fit_resample(X, y)
    with pytest.raises(ValueError, match=r"RandomForestRegressor.*|'estimator' parameter"):
        made(InstanceHardnessThreshold, estimator=RandomForestRegressor()).fit_resample(X, y)


def test_hardness_drops_the_rows_on_the_wrong_side():
    X = np.concatenate([np.linspace(0, 1, 20), np.linspace(5, 6, 10), np.linspace(5, 6, 20)])[:, None]
    y = np.array([0] * 30 + [1] * 20)
    sampler = made(InstanceHardnessThreshold, estimator=LogisticRegression())
    sampler.fit_resample(X, y)
    assert sampler.sample_indices_.tolist() == [*range(20), *range(30, 50)]


def test_centers_of_whole_numbers_are_rounded_with_a_warning():
    X = np.array([[0], [1], [10], [11], [50], [60]])
    y = np.array([0, 0, 0, 0, 1, 1])
    with pytest.warns(DataWarning, match="whole numbers"):
        rows, labels = ClusterCentroids(random_state=0).fit_resample(X, y)
    assert rows.dtype == X.dtype
    assert sorted(rows[:2, 0].tolist()) == [0, 10]  # 0.5 and 10.5, to even
    assert rows[2:, 0].tolist() == [50, 60]
    assert labels.tolist() == [0, 0, 1, 1]


def test_centers_stand_in_the_order_of_the_classes():
    X, y = table(dtype=np.float64)
    y = np.where(y == 1, "b", np.where(np.arange(60) % 2, "a", "c"))
    frame = pd.DataFrame(X, columns=list("pqrs"), index=np.arange(60) * 2)
    rows, labels = ClusterCentroids(random_state=0).fit_resample(frame, pd.Series(y, index=frame.index))
    assert labels.tolist() == ["a"] * 12 + ["b"] * 12 + ["c"] * 12
    np.testing.assert_array_equal(rows.iloc[12:24], X[y == "b"])
    for label in "ac":
        centers = KMeans(12, random_state=0).fit(X[y == label]).cluster_centers_
        np.testing.assert_allclose(rows[labels == label], centers, rtol=1e-9)


def test_sample_indices_of_centroids_are_those_of_hard_voting():
    X, y = table()
    sampler = made(ClusterCentroids, voting="hard")
    rows, _ = sampler.fit_resample(X, y)
    np.testing.assert_array_equal(X[sampler.sample_indices_], rows)
    sampler.set_params(voting="soft").fit_resample(X, y)
    assert not hasattr(sampler, "sample_indices_")
    assert made(ClusterCentroids, sampling_strategy={0: 0}).fit_resample(X, y)[1].tolist() == [1] * 12
    assert made(ClusterCentroids, voting="hard", sampling_strategy={0: 1}).fit_resample(X, y)[0].shape == (
        13,
        4,
    )


def test_clusterers_that_do_not_fit_in():
    X, y = table()
    with pytest.raises(ValueError, match="exposing a parameter `n_clusters`"):
        made(ClusterCentroids, estimator=LogisticRegression()).fit_resample(X, y)
    with pytest.raises(ValueError, match="'estimator' parameter of ClusterCentroids"):
        made(ClusterCentroids, estimator=AgglomerativeClustering()).fit_resample(X, y)


def test_a_clusterer_without_a_seed_gets_one():
    X, y = table()
    first, second = (
        made(ClusterCentroids, estimator=KMeans(n_init=1, init="random")).fit_resample(X, y)[0]
        for _ in range(2)
    )
    np.testing.assert_allclose(first, second, rtol=1e-4, atol=1e-5)


def test_n_neighbors_of_the_wrong_kind():
    X, y = table()
    for method in (EditedNearestNeighbours, AllKNN, NearMiss, NeighbourhoodCleaningRule):
        for bad in (0, "3", 2.5):
            with pytest.raises(ValueError, match=rf"'n_neighbors' parameter of {method.__name__}"):
                made(method, n_neighbors=bad).fit_resample(X, y)


@pytest.mark.parametrize("method", ALL)
def test_a_device_that_is_not_there(method):
    X, y = table()
    if method is RandomUnderSampler:
        return
    with pytest.raises(ValueError, match="`device`='nowhere' cannot be used here"):
        made(method, device="nowhere").fit_resample(X, y)


def test_messages_name_the_class_that_speaks():
    X = np.array([[0.0], [1.0], [2.0]])
    for method in (EditedNearestNeighbours, AllKNN, NeighbourhoodCleaningRule):
        with pytest.raises(ValueError, match=re.escape(f"{method.__name__}: the table has 3 rows")):
            method().fit_resample(X, [0, 0, 1])
    with pytest.warns(UserWarning, match="TomekLinks"):
        TomekLinks().fit_resample(X, [0, 0, 1])
