"""SVMSMOTE: imbalanced-learn's rows, a slow reference of the rule, the three doors, bad input."""

import numpy as np
import pytest
import torch
from imblearn import over_sampling as peer
from scipy import sparse
from sklearn.datasets import make_blobs, make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import NearestNeighbors
from sklearn.svm import SVC
from torch.utils.data import TensorDataset

from torchsmote import SVMSMOTE, EmbeddingSMOTE, NothingSampledWarning, SMOTEDataset, synthesize


def data(n_classes=2, dtype=np.float64, seed=2):
    X, y = make_classification(
        n_samples=500,
        n_features=6,
        n_informative=4,
        n_classes=n_classes,
        n_clusters_per_class=1,
        weights={2: [0.8], 3: [0.6, 0.25]}[n_classes],
        flip_y=0.02,
        class_sep=0.8,
        random_state=seed,
    )
    return X.astype(dtype), y


@pytest.mark.parametrize("params", [{}, {"out_step": 0.9, "k_neighbors": 3, "m_neighbors": 7}], ids=str)
@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize(("dtype", "rtol"), [(np.float64, 1e-10), (np.float32, 1e-4)])
@pytest.mark.parametrize("seed", [0, 42])
def test_rows_of_imbalanced_learn(params, n_classes, dtype, rtol, seed):
    X, y = data(n_classes, dtype)
    mine = SVMSMOTE(random_state=seed, **params)
    theirs = peer.SVMSMOTE(random_state=seed, **params)
    rows, labels = mine.fit_resample(X, y)
    expected, expected_labels = theirs.fit_resample(X, y)
    assert rows.dtype == X.dtype
    assert len(rows) > len(X)
    np.testing.assert_array_equal(labels, expected_labels)
    np.testing.assert_allclose(rows, expected, rtol=rtol, atol=rtol)
    np.testing.assert_array_equal(mine.svm_estimator_.support_, theirs.svm_estimator_.support_)
    assert (mine.nn_k_.n_neighbors, mine.nn_m_.n_neighbors) == (
        theirs.nn_k_.n_neighbors,
        theirs.nn_m_.n_neighbors,
    )


def test_rows_of_imbalanced_learn_for_a_random_state():
    X, y = data()
    mine = SVMSMOTE(random_state=np.random.RandomState(5))
    theirs = peer.SVMSMOTE(random_state=np.random.RandomState(5))
    for _ in range(2):
        np.testing.assert_allclose(mine.fit_resample(X, y)[0], theirs.fit_resample(X, y)[0], rtol=1e-10)


def test_estimators_and_sparse_tables_and_labels_as_in_imbalanced_learn():
    X, codes = data()
    X[np.abs(X) < 0.4] = 0
    y = np.array(["usual", "fraud"])[codes]
    params = {
        "random_state": 1,
        "k_neighbors": NearestNeighbors(n_neighbors=4),
        "m_neighbors": NearestNeighbors(n_neighbors=9),
        "svm_estimator": SVC(kernel="linear", class_weight={"fraud": 2.0}, random_state=0),
    }
    rows, labels = SVMSMOTE(**params).fit_resample(sparse.csr_array(X), y)
    expected, expected_labels = peer.SVMSMOTE(**params).fit_resample(sparse.csr_array(X), y)
    assert sparse.issparse(rows)
    np.testing.assert_array_equal(labels, expected_labels)
    np.testing.assert_allclose(rows.toarray(), expected.toarray(), rtol=1e-10, atol=1e-10)


def test_every_row_starts_as_its_support_vector_demands(device):
    X, y = data(3)
    sampler = SVMSMOTE(m_neighbors=8, random_state=0)
    rows, labels = sampler.fit_resample(torch.tensor(X, device=device), torch.tensor(y, device=device))
    assert rows.device.type == device.type
    draws = sampler.draws_
    support = set(sampler.svm_estimator_.support_.tolist())
    distances = np.linalg.norm(X[:, None] - X, axis=2)
    np.fill_diagonal(distances, np.inf)
    kinds = set()
    for base, neighbor, step in zip(
        draws.base.tolist(), draws.neighbor.tolist(), draws.step.tolist(), strict=True
    ):
        assert base in support
        enemies = (y[np.argsort(distances[base])[:8]] != y[base]).sum()
        assert enemies < 8  # noise starts nothing
        danger = enemies >= 4
        kinds.add(bool(danger))
        assert 0 <= step < 1 if danger else -0.5 < step <= 0
        same = np.where(y == y[base], distances[base], np.inf)
        assert neighbor in np.argsort(same)[:5]
    assert kinds == {True, False}
    made = labels[len(y) :].bincount(minlength=3).tolist()
    assert made == [sampler.sampling_strategy_.get(label, 0) for label in range(3)]
    assert torch.equal(synthesize(torch.tensor(X, device=device), draws), rows[len(X) :])


def test_safe_vectors_push_outwards_as_the_paper_draws_it():
    # Nguyen et al.: where the minority is dense at the border, new rows enlarge it beyond the border.
    X, y = make_blobs([100, 25], centers=[(-3.0, 0.0), (3.0, 0.0)], cluster_std=0.8, random_state=0)
    with pytest.warns(NothingSampledWarning, match=r"class 1 are safe, so (\d+) of 75"):
        rows, _ = SVMSMOTE(random_state=0, out_step=1.0).fit_resample(X, y)
    assert rows[125:, 0].min() < X[y == 1, 0].min()


def test_a_missing_kind_is_said_and_counted_as_in_imbalanced_learn():
    X, y = data()
    y = np.where((y == 1) & (np.arange(500) % 4 > 0), 0, y)
    with pytest.warns(NothingSampledWarning, match=r"class 1 are in danger, so \d+ of \d+ samples") as caught:
        rows, _ = SVMSMOTE(random_state=0).fit_resample(X, y)
    assert caught[0].filename == __file__
    expected, _ = peer.SVMSMOTE(random_state=0).fit_resample(X, y)
    np.testing.assert_allclose(rows, expected, rtol=1e-10)


def test_an_all_noise_class_is_refused_by_name():
    rng = np.random.RandomState(0)
    X = np.concatenate([rng.randn(200, 2), rng.randn(6, 2)])
    y = np.array(["usual"] * 200 + ["fraud"] * 6)
    with pytest.raises(ValueError, match=r"'fraud' are noise at m_neighbors=4.*raise m_neighbors"):
        SVMSMOTE(m_neighbors=4, random_state=0).fit_resample(X, y)


class Blind(SVC):
    """A machine that knows no support vector of class 1."""

    def fit(self, X, y):
        super().fit(X, y)
        self.support_ = self.support_[np.asarray(y)[self.support_] != 1]
        return self


def test_estimators_without_support_are_refused():
    X, y = data()
    for kind in (RuntimeError, ValueError):
        with pytest.raises(kind, match=r"support_.*LogisticRegression has none; use .*SVC"):
            SVMSMOTE(svm_estimator=LogisticRegression(), random_state=0).fit_resample(X, y)
    with pytest.raises(ValueError, match="class 1 has no support vector"):
        SVMSMOTE(svm_estimator=Blind(), random_state=0).fit_resample(X, y)
    for bad in ({"svm_estimator": 3}, {"out_step": 1.5}, {"out_step": float("nan")}, {"m_neighbors": 0}):
        with pytest.raises((ValueError, TypeError), match=next(iter(bad))):
            SVMSMOTE(**bad, random_state=0).fit_resample(X, y)
    with pytest.raises(ValueError, match="500 rows but m_neighbors=500 needs 501"):
        SVMSMOTE(m_neighbors=500, random_state=0).fit_resample(X, y)


def test_few_samples():
    X, y = data()
    rare = np.flatnonzero(y == 1)[:5]
    keep = np.concatenate([np.flatnonzero(y == 0), rare])
    X, y = X[keep], y[keep]
    params = {"m_neighbors": 300, "random_state": 0}
    with pytest.raises(ValueError, match="class 1 has 5 samples but k_neighbors=5 needs 6"):
        SVMSMOTE(**params).fit_resample(X, y)
    sampler = SVMSMOTE(few_samples="shrink", **params)
    with pytest.warns() as caught:
        sampler.fit_resample(X, y)
    assert [w.category.__name__ for w in caught] == ["FewSamplesWarning", "NothingSampledWarning"]
    assert (sampler.draws_.neighbor != sampler.draws_.base).all()
    sampler = SVMSMOTE(few_samples="duplicate", **params)
    with pytest.warns():
        sampler.fit_resample(X, y)
    assert torch.equal(sampler.draws_.neighbor, sampler.draws_.base)


def test_a_balanced_table_fits_no_machine():
    X, y = data()
    sampler = SVMSMOTE(sampling_strategy={0: (y == 0).sum()})
    assert sampler.fit_resample(X, y)[0].shape == X.shape
    assert not hasattr(sampler.svm_estimator_, "support_")


def test_the_loop_door_depends_on_its_seed_alone():
    X, y = (torch.tensor(values) for values in data())
    table = TensorDataset(X.float(), y)

    def made(seed):
        dataset = SMOTEDataset(table, SVMSMOTE(), seed=seed)
        return torch.stack([row for row, *_ in dataset.__getitems__(range(len(y), len(dataset)))]), dataset

    rows, dataset = made(0)
    assert len(dataset) == 2 * int((y == 0).sum())
    assert torch.equal(rows, made(0)[0])
    assert not torch.equal(rows, made(1)[0])
    steps = dataset.provenance(list(range(len(y), len(dataset)))).step
    danger = dataset.recipe.parts[0].n_new
    assert (steps[:danger] >= 0).all()
    assert (steps[danger:] <= 0).all()
    shares = {SVMSMOTE().recipe(X, y, torch.Generator().manual_seed(seed)).parts for seed in range(4)}
    assert len(shares) == 4


def test_a_batch_is_refused_in_one_sentence():
    with pytest.raises(TypeError, match=r"SVMSMOTE cannot run in a batch.*use BorderlineSMOTE"):
        EmbeddingSMOTE(2, SVMSMOTE())
