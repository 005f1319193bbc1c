"""Gaussian SMOTE: rows have exactly the mean and covariance of a row and its neighbours."""

import warnings

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse, stats
from torch.utils.data import TensorDataset

from torchsmote import SMOTE, DataWarning, EmbeddingSMOTE, FewSamplesWarning, GaussianSMOTE, SMOTEDataset
from torchsmote.variants import VARIANTS

normal_steps = VARIANTS["gaussian"].normal_steps


def table(n=60, d=3, seed=0):
    rng = np.random.RandomState(seed)
    y = (np.arange(n) % 5 == 0).astype(np.int64)
    return rng.randn(n, d) + 0.5 * y[:, None], y


def mixed(points, normal, there):
    """x0 + sum_j s_j (x_j - x0), for normals of shape (n, k + 1)."""
    steps = normal_steps(torch.tensor(normal), torch.tensor(np.tile(there, (len(normal), 1)))).numpy()
    return points[0] + np.where(there, steps, 0) @ (points[1:] - points[0])


@settings(max_examples=50)
@given(st.integers(0, 2**32 - 1), st.integers(1, 8), st.integers(1, 6), st.data())
def test_the_mix_has_the_mean_and_covariance_of_the_points(seed, k, d, data):
    # A mix is mean + A z, linear in the normals z: reading A off shows its whole law, without a sample.
    points = np.random.RandomState(seed).randn(k + 1, d) * 3 + 10
    there = np.arange(k) < data.draw(st.integers(0, k))
    used = points[: 1 + there.sum()]
    mean = mixed(points, np.zeros((1, k + 1)), there)[0]
    A = (mixed(points, np.eye(k + 1), there) - mean).T
    np.testing.assert_allclose(mean, used.mean(0), rtol=1e-10)
    np.testing.assert_allclose(A @ A.T, np.cov(used.T, bias=True).reshape(d, d), atol=1e-9)


@pytest.mark.parametrize("generator", [True, False])
def test_rows_are_drawn_from_that_normal_distribution(generator, device):
    # Five rows of the class, so each row and its four neighbours are the same five.
    X, y = table(25, 2)
    own = X[y == 1]
    state = torch.Generator(device).manual_seed(0) if generator else 0
    sampler = GaussianSMOTE(k_neighbors=4, random_state=state, sampling_strategy={1: 40_000})
    rows, labels = sampler.fit_resample(torch.tensor(X, device=device), torch.tensor(y))
    made = rows[25:].cpu().numpy()
    covariance = np.cov(own.T, bias=True)
    np.testing.assert_allclose(made.mean(0), own.mean(0), atol=0.02)
    np.testing.assert_allclose(np.cov(made.T), covariance, rtol=0.05, atol=0.01)
    away = made - own.mean(0)
    distance = (away @ np.linalg.inv(covariance) * away).sum(1)
    assert stats.kstest(distance, stats.chi2(2).cdf).pvalue > 1e-4
    assert int(labels.sum()) == 40_000


def test_rows_are_the_reference_of_their_draws():
    X, y = table()
    sampler = GaussianSMOTE(random_state=0)
    rows, _ = sampler.fit_resample(X, y)
    base, neighbors, steps, _ = (values.numpy() for values in sampler.draws_)
    for row, b, ns, s in zip(rows[60:], base, neighbors, steps, strict=True):
        distances = np.sqrt(((X - X[b]) ** 2).sum(1))
        distances[(y != 1) | (np.arange(60) == b)] = np.inf
        assert ns.tolist() == np.argsort(distances)[:4].tolist()
        np.testing.assert_allclose(row, X[b] + s @ (X[ns] - X[b]), rtol=1e-12)


def test_d_plus_1_neighbors_give_rows_of_full_rank():
    # Why the paper takes d + 1: a segment has one dimension, this covariance has them all.
    X, y = table(200, 4)

    def rank(sampler):
        made = sampler.fit_resample(X, y)[0][200:]
        return np.linalg.matrix_rank(made[sampler.draws_.base.numpy() == 0] - X[0], tol=1e-9)

    assert rank(GaussianSMOTE(random_state=0, sampling_strategy={1: 2000})) == 4
    assert rank(SMOTE(k_neighbors=1, random_state=0, sampling_strategy={1: 2000})) == 1


def test_none_is_d_plus_1_or_all_there_are():
    X, y = table()  # 12 rows of class 1, 3 columns
    y[[1, 2, 3]] = 2
    sampler = GaussianSMOTE(random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sampler.fit_resample(X, y)
    neighbors, steps, labels = sampler.draws_.neighbors, sampler.draws_.steps, sampler.draws_.labels
    assert neighbors.shape[1] == 4
    assert (steps[labels == 1] != 0).all()
    rare = labels == 2
    assert (steps[rare][:, :2] != 0).all()
    assert (steps[rare][:, 2:] == 0).all()
    assert set(neighbors[rare].unique().tolist()) == {1, 2, 3}


def test_few_samples_of_a_given_number():
    X, y = table()
    y[[1, 2, 3]] = 2
    with pytest.raises(ValueError, match=r"GaussianSMOTE: class 2 has 3 samples.*k_neighbors=5.*2"):
        GaussianSMOTE(k_neighbors=5).fit_resample(X, y)
    with pytest.warns(FewSamplesWarning, match="class 2"):
        rows, labels = GaussianSMOTE(k_neighbors=5, few_samples="shrink", random_state=0).fit_resample(X, y)
    assert (labels == 2).sum() == 45
    with pytest.warns(FewSamplesWarning, match="class 2"):
        rows, labels = GaussianSMOTE(k_neighbors=5, few_samples="duplicate", random_state=0).fit_resample(
            X, y
        )
    assert {tuple(row) for row in rows[labels == 2]} == {tuple(row) for row in X[[1, 2, 3]]}


def test_a_single_row_names_what_to_do():
    X, y = table(41)
    y[:] = 0
    y[7] = 1
    with pytest.raises(ValueError, match=r'class 1 has 1 samples.*few_samples="duplicate"'):
        GaussianSMOTE().fit_resample(X, y)
    with pytest.warns(FewSamplesWarning, match="class 1"):
        rows, _ = GaussianSMOTE(few_samples="duplicate", random_state=0).fit_resample(X, y)
    assert (rows[41:] == X[7]).all()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_sparse_rows_are_the_dense_ones(dtype):
    X, y = table()
    X = (X * (np.abs(X) > 0.7)).astype(dtype)
    X[:, 2] *= y == 0  # nothing stored in this column for the class that grows
    dense, _ = GaussianSMOTE(random_state=0).fit_resample(X, y)
    rows, _ = GaussianSMOTE(random_state=0).fit_resample(sparse.csr_matrix(X), y)
    assert isinstance(rows, sparse.csr_matrix)
    assert rows.dtype == dtype
    np.testing.assert_allclose(rows.toarray(), dense, rtol=1e-5, atol=1e-6)
    assert rows[60:, 2].nnz == 0


@pytest.mark.filterwarnings("ignore:.*has whole numbers in")
@pytest.mark.parametrize("kind", ["array", "sparse", "tensor"])
def test_whole_numbers_never_wrap_around(kind):
    # Normal draws leave the range of their parents, and here that of uint8.
    X = np.random.RandomState(0).randint(200, 256, (60, 2)).astype(np.uint8)
    y = (np.arange(60) % 5 == 0).astype(int)
    given_table = {"array": X, "sparse": sparse.csr_matrix(X), "tensor": torch.tensor(X)}[kind]
    sampler = GaussianSMOTE(k_neighbors=5, random_state=0, sampling_strategy={1: 2000})
    with pytest.warns(DataWarning, match="range"):
        rows, _ = sampler.fit_resample(given_table, y)
    rows = rows.toarray() if kind == "sparse" else np.asarray(rows)
    assert rows.dtype == np.uint8
    assert rows[60:].min() > 150
    assert rows[60:].max() == 255


def test_a_constraint_sees_the_rows_that_come_out():
    X, y = table()
    seen = []

    def low(rows):
        seen.append(rows)
        return rows[:, 0] < 0.5

    rows, labels = GaussianSMOTE(random_state=0, constraint=low).fit_resample(X, y)
    assert (rows[60:, 0] < 0.5).all()
    assert labels.sum() == 48
    assert {tuple(row) for row in rows[60:]} <= {tuple(row) for part in seen for row in part.tolist()}


def test_the_dataset_mixes_all_neighbors():
    X, y = (torch.tensor(values) for values in table())
    data = SMOTEDataset(TensorDataset(X, y), GaussianSMOTE())
    base, neighbors, steps = data.provenance(torch.arange(60, len(data)))
    assert neighbors.shape == steps.shape == (36, 4)
    made = torch.stack([data[row][0] for row in range(60, len(data))])
    expected = X[base] + (steps.unsqueeze(2) * (X[neighbors] - X[base].unsqueeze(1))).sum(1)
    torch.testing.assert_close(made, expected)
    assert not torch.equal(data[60 + len(data)][0], data[60][0])


def test_a_batch_is_drawn_from_the_same_distribution(device):
    X, y = (torch.tensor(values, device=device) for values in table(25, 2))
    own = X[y == 1].cpu().numpy()
    module = EmbeddingSMOTE(2, GaussianSMOTE(k_neighbors=4), ratio=800, class_counts=(9, 6))
    rows, labels = module(X, y)
    made = rows[25:].cpu().numpy()
    assert (labels[25:] == 1).all()
    np.testing.assert_allclose(made.mean(0), own.mean(0), atol=0.03)
    np.testing.assert_allclose(np.cov(made.T), np.cov(own.T, bias=True), rtol=0.08, atol=0.02)
    with pytest.raises(ValueError, match=r"GaussianSMOTE: k_neighbors=None.*int"):
        EmbeddingSMOTE(2, GaussianSMOTE())
