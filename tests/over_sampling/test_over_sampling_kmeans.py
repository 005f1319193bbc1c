"""KMeansSMOTE: imbalanced-learn's rows, a slow reference of the shares, the three doors, bad input."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from imblearn import over_sampling as peer
from sklearn.cluster import DBSCAN, KMeans, MiniBatchKMeans
from sklearn.datasets import make_blobs, make_classification
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import NearestNeighbors
from torch.utils.data import TensorDataset

from torchsmote import EmbeddingSMOTE, FewSamplesWarning, KMeansSMOTE, SMOTEDataset, synthesize
from torchsmote.over_sampling import mean_distance as module
from torchsmote.over_sampling.mean_distance import mean_distance


def data(n_classes=2, dtype=np.float64):
    X, y = make_classification(
        n_samples=500,
        n_features=6,
        n_informative=4,
        n_classes=n_classes,
        weights={2: [0.8], 3: [0.6, 0.25]}[n_classes],
        flip_y=0.05,
        random_state=2,
    )
    return X.astype(dtype), y


CASES = [
    {"cluster_balance_threshold": 0.1},
    {"cluster_balance_threshold": 0.05, "density_exponent": 2.0, "kmeans_estimator": 12, "n_jobs": 1},
    {"kmeans_estimator": 1, "k_neighbors": 4},
    {"kmeans_estimator": KMeans(5, random_state=3), "cluster_balance_threshold": 0, "density_exponent": 0},
    {"kmeans_estimator": 30, "k_neighbors": NearestNeighbors(n_neighbors=3)},
]


@pytest.mark.parametrize("params", CASES, ids=range(len(CASES)))
@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize(("dtype", "rtol"), [(np.float64, 1e-10), (np.float32, 1e-4)])
def test_rows_of_imbalanced_learn(params, n_classes, dtype, rtol):
    X, y = data(n_classes, dtype)
    mine = KMeansSMOTE(random_state=42, **params)
    theirs = peer.KMeansSMOTE(random_state=42, **params)
    rows, labels = mine.fit_resample(X, y)
    expected, expected_labels = theirs.fit_resample(X, y)
    assert rows.dtype == X.dtype
    assert len(rows) > len(X)
    np.testing.assert_array_equal(labels, expected_labels)
    np.testing.assert_allclose(rows, expected, rtol=rtol, atol=rtol)
    assert mine.cluster_balance_threshold_ == theirs.cluster_balance_threshold_
    assert mine.nn_k_.n_neighbors == theirs.nn_k_.n_neighbors
    np.testing.assert_array_equal(mine.kmeans_estimator_.labels_, theirs.kmeans_estimator_.labels_)


def test_rows_of_imbalanced_learn_for_a_random_state():
    X, y = data()
    params = {"cluster_balance_threshold": 0.1}
    mine = KMeansSMOTE(random_state=np.random.RandomState(5), **params)
    theirs = peer.KMeansSMOTE(random_state=np.random.RandomState(5), **params)
    for _ in range(2):
        np.testing.assert_allclose(mine.fit_resample(X, y)[0], theirs.fit_resample(X, y)[0], rtol=1e-10)


def test_shares_and_neighbors_by_a_slow_reference(device):
    X, y = data(3)
    sampler = KMeansSMOTE(cluster_balance_threshold=0.15, random_state=0)
    rows, labels = sampler.fit_resample(torch.tensor(X, device=device), torch.tensor(y, device=device))
    clusters = sampler.kmeans_estimator_.labels_
    wanted = []
    for label, n_new in sampler.sampling_strategy_.items():
        sparsity = {}
        for cluster in range(8):
            inside = clusters == cluster
            own = X[inside & (y == label)]
            if n_new and len(own) >= 3 and len(own) / inside.sum() >= 0.15:
                pairs = [np.linalg.norm(a - b) for i, a in enumerate(own) for b in own[:i]]
                sparsity[cluster] = np.mean(pairs) ** (0.16 * math.log(len(own), 1.6) ** 1.8) / len(own)
        total = sum(sparsity.values())
        for cluster, value in sparsity.items():
            wanted += [(label, cluster)] * math.ceil(n_new * value / total)
    base, neighbor = sampler.draws_.base.cpu(), sampler.draws_.neighbor.cpu()
    assert [(int(y[row]), int(clusters[row])) for row in base] == wanted
    assert [(int(y[row]), int(clusters[row])) for row in neighbor] == wanted
    assert labels[500:].tolist() == [label for label, _ in wanted]
    assert len(set(wanted)) > 4
    assert torch.equal(synthesize(torch.tensor(X, device=device), sampler.draws_), rows[500:])


def test_minority_islands_grow_and_the_noise_does_not():
    # The paper's picture: no new row joins one island to the other, and a lone row elsewhere starts nothing.
    X, y = make_blobs([30, 200, 30], centers=[(-10, 0), (0, 0), (10, 0)], random_state=0)
    X, y = np.concatenate([X, [[0.0, 0.0]]]), np.append(y != 1, True).astype(int)
    sampler = KMeansSMOTE(kmeans_estimator=KMeans(3, random_state=0), random_state=0)
    rows, labels = sampler.fit_resample(X, y)
    made = rows[261:]
    assert ((np.abs(made[:, 0]) > 5) & (np.abs(made[:, 0]) < 15)).all()
    assert 0 <= labels.sum() - 200 <= 1
    assert 260 not in sampler.draws_.base


@given(st.integers(1, 60), st.integers(1, 4), st.integers(0, 99))
def test_mean_distance(n, d, seed):
    rows = np.random.RandomState(seed).randn(n, d) + 1000
    expected = np.linalg.norm(rows[:, None] - rows, axis=2).sum() / max(1, n * (n - 1))
    assert mean_distance(torch.tensor(rows)) == pytest.approx(expected, rel=1e-9)


def test_mean_distance_in_blocks(monkeypatch, device):
    rows = torch.randn(101, 5, generator=torch.Generator().manual_seed(0)).to(device)
    whole = mean_distance(rows)
    monkeypatch.setattr(module, "_BLOCK", 700)
    assert mean_distance(rows) == pytest.approx(whole, rel=1e-12)
    assert mean_distance(rows[:1].repeat(50, 1)) == 0


def test_the_shares_of_equal_rows_and_of_far_ones_are_numbers():
    rng = np.random.RandomState(0)
    rare = np.repeat([[0.0, 0.0], [9e90, 0.0]], 40, 0)
    spread = rare + np.array([1.0, 1e90]).repeat(40)[:, None] * rng.randn(80, 2)
    X = np.concatenate([rare, rng.randn(100, 2) - 9e90])
    y = np.array([1] * 80 + [0] * 100)
    params = {"kmeans_estimator": KMeans(3, random_state=0), "random_state": 0}
    rows, labels = KMeansSMOTE(**params).fit_resample(X, y)
    assert labels.sum() == 100
    assert np.isfinite(rows).all()
    rows, labels = KMeansSMOTE(**params, density_exponent=9.0).fit_resample(
        np.concatenate([spread, X[80:]]), y
    )
    assert labels.sum() in (100, 101)
    assert np.isfinite(rows).all()


def test_any_clusterer_and_its_noise():
    X, y = make_blobs([40, 120, 40], centers=[(-9, 0), (0, 0), (9, 0)], cluster_std=0.7, random_state=0)
    y = (y != 1).astype(int)
    noise = np.concatenate([X, [[0.0, 50.0]]]), np.append(y, 1)
    for estimator, table in ((DBSCAN(eps=1.5), noise), (GaussianMixture(3), (X, y)), (KMeans(3), (X, y))):
        sampler = KMeansSMOTE(kmeans_estimator=estimator, random_state=0)
        rows, _ = sampler.fit_resample(*table)
        assert (np.abs(rows[len(table[0]) :, 0]) > 5).all()
        assert len(rows) > len(table[0])
    with pytest.raises((ValueError, TypeError), match="kmeans_estimator"):
        KMeansSMOTE(kmeans_estimator="k-means").fit_resample(X, y)


def test_a_class_without_a_cluster_is_refused_with_numbers():
    X, y = data()
    facts = (
        r"none of 8 clusters serves class 1.*at most 0\.\d+ \(cluster_balance_threshold: 2\).*k_neighbors=2"
    )
    for kind in (RuntimeError, ValueError):
        with pytest.raises(kind, match=facts):
            KMeansSMOTE(cluster_balance_threshold=2, random_state=0).fit_resample(X, y)
    with pytest.raises(ValueError, match="6 rows, too few for 8 clusters"):
        KMeansSMOTE().fit_resample(X[:6], [0, 0, 0, 0, 1, 1])
    for bad in (
        {"cluster_balance_threshold": float("nan")},
        {"density_exponent": "steep"},
        {"density_exponent": float("inf")},
        {"kmeans_estimator": 0},
    ):
        with pytest.raises(ValueError, match=next(iter(bad))):
            KMeansSMOTE(**bad).fit_resample(X, y)


def test_few_samples():
    rng = np.random.RandomState(0)
    X = np.concatenate([rng.randn(20, 2), rng.randn(2, 2) + 30])
    y = np.array(["usual"] * 20 + ["fraud"] * 2)
    params = {"kmeans_estimator": KMeans(2, random_state=0), "random_state": 0}
    with pytest.raises(ValueError, match=r"'fraud'.*at most 2 rows"):
        KMeansSMOTE(**params).fit_resample(X, y)
    sampler = KMeansSMOTE(**params, few_samples="shrink")
    with pytest.warns(FewSamplesWarning, match=r"'fraud' in cluster \d has 2 samples") as caught:
        _, labels = sampler.fit_resample(X, y)
    assert caught[0].filename == __file__
    assert (labels == "fraud").sum() == 20
    assert (sampler.draws_.neighbor != sampler.draws_.base).all()
    with pytest.warns(FewSamplesWarning, match="repeated"):
        rows, _ = KMeansSMOTE(**params, few_samples="duplicate").fit_resample(X[:21], y[:21])
    np.testing.assert_array_equal(rows[21:], np.repeat(X[20:21], 19, 0))


def test_the_loop_door_depends_on_its_seed_alone():
    X, y = (torch.tensor(values) for values in data())
    table = TensorDataset(X.float(), y)

    def made(seed):
        resampler = KMeansSMOTE(cluster_balance_threshold=0.1)
        dataset = SMOTEDataset(table, resampler, seed=seed)
        rows = dataset.__getitems__(range(len(y), len(dataset)))
        return torch.stack([row for row, *_ in rows]), dataset

    rows, dataset = made(0)
    assert torch.equal(rows, made(0)[0])
    assert made(1)[0].shape != rows.shape or not torch.equal(rows, made(1)[0])
    clusters = dataset.resampler.kmeans_estimator_.labels_
    where = dataset.provenance(list(range(len(y), len(dataset))))
    np.testing.assert_array_equal(clusters[where.base], clusters[where.neighbor])


def test_a_generator_seeds_the_clusters(device):
    X, y = data()
    rows = []
    for seed in (1, 1, 2):
        generator = torch.Generator(device=device).manual_seed(seed)
        sampler = KMeansSMOTE(random_state=generator, cluster_balance_threshold=0.1)
        rows.append(sampler.fit_resample(torch.tensor(X, device=device), y)[0])
    assert torch.equal(rows[0], rows[1])
    assert rows[0].shape != rows[2].shape or not torch.equal(rows[0], rows[2])


def test_a_balanced_table_fits_no_clusters():
    X, y = data()
    sampler = KMeansSMOTE(sampling_strategy={0: (y == 0).sum()}, kmeans_estimator=MiniBatchKMeans(3))
    assert sampler.fit_resample(X, y)[0].shape == X.shape
    assert not hasattr(sampler.kmeans_estimator_, "labels_")


def test_a_batch_is_refused_in_one_sentence():
    with pytest.raises(TypeError, match=r"KMeansSMOTE cannot run in a batch.*use SMOTE"):
        EmbeddingSMOTE(2, KMeansSMOTE())
