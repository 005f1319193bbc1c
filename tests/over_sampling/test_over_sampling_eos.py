"""EOS: bases with an enemy near, any of those enemies, and what it does to the range of a class."""

import numpy as np
import pytest
import torch
from scipy import stats
from torch.utils.data import TensorDataset

from torchsmote import EOS, SMOTE, DataWarning, EmbeddingSMOTE, SMOTEDataset, synthesize


def table(n=120, d=3, seed=0):
    rng = np.random.RandomState(seed)
    y = (np.arange(n) % 4 == 0).astype(np.int64)
    return rng.randn(n, d) + 0.8 * y[:, None], y


def enemies_of(X, y, label, k):
    """Slow reference: row -> its enemies among its k nearest, for the rows of a class that have one."""
    found = {}
    for row in np.flatnonzero(y == label):
        distances = np.sqrt(((X.astype(np.float64) - X[row]) ** 2).sum(1))
        distances[row] = np.inf
        near = np.argsort(distances, kind="stable")[:k]
        if (y[near] != label).any():
            found[row] = sorted(near[y[near] != label].tolist())
    return found


def test_bases_and_enemies_are_those_of_the_definition(device):
    X, y = table()
    reference = enemies_of(X, y, 1, 4)
    assert 0 < len(reference) < (y == 1).sum()
    sampler = EOS(k_neighbors=4, random_state=0, sampling_strategy={1: 20_000})
    rows, labels = sampler.fit_resample(torch.tensor(X, device=device), torch.tensor(y, device=device))
    base, enemy, step = (
        values.cpu().numpy() for values in (sampler.draws_.base, sampler.draws_.neighbor, sampler.draws_.step)
    )
    pairs = {(row, other): 0 for row, others in reference.items() for other in others}
    for pair in zip(base.tolist(), enemy.tolist(), strict=True):
        pairs[pair] += 1  # KeyError: no such pair is allowed
    # Each base is as likely, then each of its enemies.
    expected = [len(base) / len(reference) / len(reference[row]) for row, _ in pairs]
    assert stats.chisquare(list(pairs.values()), expected).pvalue > 1e-4
    assert stats.kstest(step, "uniform").pvalue > 1e-4
    np.testing.assert_allclose(
        rows[len(X) :].cpu(), X[base] + step[:, None] * (X[enemy] - X[base]), rtol=1e-12
    )
    assert (labels[len(X) :] == 1).all()


def test_a_class_expands_towards_its_enemies_where_smote_stays_inside():
    # The paper measures the range of each feature of a class: SMOTE cannot widen it, EOS is made to.
    X, y = table()
    own = X[y == 1]

    def widened(method):
        made = method(random_state=0).fit_resample(X, y)[0][len(X) :]
        return ((made.min(0) < own.min(0)) | (made.max(0) > own.max(0))).sum()

    assert widened(SMOTE) == 0
    assert widened(EOS) == X.shape[1]


def test_a_class_apart_is_over_sampled_by_smote_and_named():
    X, y = table()
    X[y == 1] += 100
    with pytest.warns(DataWarning, match=r"EOS: .*class 1 .* 10 nearest.*SMOTE.*k_neighbors"):
        rows, labels = EOS(random_state=0).fit_resample(X, y)
    expected, _ = SMOTE(k_neighbors=10, random_state=0).fit_resample(X, y)
    np.testing.assert_array_equal(rows, expected)
    assert (labels == 1).sum() == 90


def test_one_class_apart_does_not_change_another():
    X, y = table()
    y[::12] = 2
    X[y == 2] += 100
    sampler = EOS(k_neighbors=5, random_state=0)
    with pytest.warns(DataWarning, match="class 2"):
        sampler.fit_resample(X, y)
    made = torch.tensor(y)[sampler.draws_.neighbor], sampler.draws_.labels
    assert (made[0] != made[1])[made[1] == 1].all()
    assert (made[0] == made[1])[made[1] == 2].all()


def test_a_single_row_has_enemies():
    X, y = table(41)
    y[:] = 0
    y[7] = 1
    sampler = EOS(k_neighbors=3, random_state=0)
    _, labels = sampler.fit_resample(X, y)
    assert labels.sum() == 40
    assert (sampler.draws_.base == 7).all()
    assert len(set(sampler.draws_.neighbor.tolist())) == 3


def test_too_many_neighbors_are_refused_with_the_largest_number_there_is():
    with pytest.raises(ValueError, match=r"EOS: .*8 rows.*k_neighbors=10.*11.*7"):
        EOS().fit_resample(np.arange(8.0)[:, None], [0] * 5 + [1] * 3)


def test_the_dataset_draws_the_same_kind_of_rows():
    X, y = (torch.tensor(values) for values in table())
    data = SMOTEDataset(TensorDataset(X, y), EOS(k_neighbors=4))
    base, enemy, step = data.provenance(torch.arange(len(X), len(data)))
    assert (y[base] == 1).all()
    assert (y[enemy] == 0).all()
    assert (data[len(X)][0] == synthesize(X, data.recipe.draw(torch.tensor([0]), 0))[0]).all()
    assert 0 <= float(step.min()) <= float(step.max()) < 1


def test_a_batch_steps_to_enemies_alone(device):
    # The class lies at 0, its enemies at 1 on another axis each: a row is far from 0 along one axis at most.
    h = torch.cat((torch.zeros(6, 3), torch.eye(3))).to(device)
    y = torch.tensor([1] * 6 + [0] * 3, device=device)
    rows, labels = EmbeddingSMOTE(2, EOS(k_neighbors=8), ratio=30, class_counts=(9, 6))(h, y)
    made = rows[9:]
    assert (labels[9:] == 1).all()
    assert ((made > 0).sum(1) <= 1).all()
    assert (made.amax(0) > 0.8).all()
    assert 0 <= float(made.min()) <= float(made.max()) < 1
