"""Safe-level-SMOTE: the paper's five cases, and rows that only they allow."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from torch.utils.data import TensorDataset

from torchsmote import EmbeddingSMOTE, FewSamplesWarning, NothingSampledWarning, SafeLevelSMOTE, SMOTEDataset
from torchsmote.variants import VARIANTS

spans = VARIANTS["safe-level"].spans


def table(n=120, d=2, seed=0):
    rng = np.random.RandomState(seed)
    y = (np.arange(n) % 4 == 0).astype(np.int64)
    return rng.randn(n, d) + 1.2 * y[:, None], y


def gap(base, neighbor):
    """The paper's cases: between which numbers the step lies; None where no row is made."""
    if neighbor == 0:
        return None if base == 0 else (0, 0)
    ratio = base / neighbor
    if ratio == 1:
        return 0, 1
    return (0, 1 / ratio) if ratio > 1 else (1 - ratio, 1)


def pairs_of(X, y, label, k):
    """Slow reference: (row, neighbour) -> their gap, for the pairs that make rows."""

    def near(row, among):
        distances = np.sqrt(((X.astype(np.float64) - X[row]) ** 2).sum(1))
        distances[row] = np.inf
        distances[~among] = np.inf
        return np.argsort(distances, kind="stable")[:k]

    own = np.flatnonzero(y == label)
    level = {row: int((y[near(row, np.ones(len(y), bool))] == label).sum()) for row in own}
    gaps = {
        (row, int(other)): gap(level[row], level[other]) for row in own for other in near(row, y == label)
    }
    return {pair: found for pair, found in gaps.items() if found is not None}, gaps


@pytest.mark.parametrize(
    ("base", "neighbor", "low", "high"),
    [(3, 0, 0, 0), (4, 4, 0, 1), (4, 2, 0, 0.5), (2, 4, 0.5, 1), (0, 3, 1, 1), (5, 1, 0, 0.2)],
    ids=["noise neighbour", "equal", "safer base", "safer neighbour", "noise base", "safest base"],
)
def test_the_cases_of_the_paper(base, neighbor, low, high):
    start, length = spans(torch.tensor([base]), torch.tensor([neighbor]))[0].tolist()
    assert (start, start + length) == pytest.approx((low, high))


@given(st.integers(0, 30), st.integers(0, 30))
def test_a_span_is_the_half_of_the_safer_end(base, neighbor):
    start, length = spans(torch.tensor(base), torch.tensor(neighbor)).tolist()
    assert 0 <= start <= start + length <= 1
    expected = gap(base, neighbor)
    if expected is not None:
        assert (start, start + length) == pytest.approx(expected)
        # In the mean nearer to the safer one, as the paper's title promises.
        assert (start + length / 2 < 0.5) == (base > neighbor)
        assert (start + length / 2 > 0.5) == (base < neighbor)


def test_draws_are_those_of_the_reference(device):
    X, y = table()
    allowed, gaps = pairs_of(X, y, 1, 3)
    assert len(allowed) < len(gaps)
    sampler = SafeLevelSMOTE(k_neighbors=3, random_state=0, sampling_strategy={1: 20_000})
    rows, labels = sampler.fit_resample(torch.tensor(X, device=device), torch.tensor(y, device=device))
    base, neighbor, step = (
        values.cpu().numpy() for values in (sampler.draws_.base, sampler.draws_.neighbor, sampler.draws_.step)
    )
    counts = dict.fromkeys(allowed, 0)
    within = []
    for b, n, t in zip(base.tolist(), neighbor.tolist(), step.tolist(), strict=True):
        counts[b, n] += 1  # KeyError: no such pair makes a row
        low, high = allowed[b, n]
        assert low - 1e-12 <= t <= high + 1e-12
        if high > low:
            within.append((t - low) / (high - low))
    assert stats.chisquare(list(counts.values())).pvalue > 1e-4
    assert stats.kstest(within, "uniform").pvalue > 1e-4
    np.testing.assert_allclose(
        rows[len(X) :].cpu(), X[base] + step[:, None] * (X[neighbor] - X[base]), rtol=1e-9
    )
    assert int(labels.sum()) == 20_000


def test_a_safe_class_is_over_sampled_as_by_smote():
    X, y = table()
    X[y == 1] += 50
    sampler = SafeLevelSMOTE(random_state=0, sampling_strategy={1: 10_000})
    sampler.fit_resample(X, y)
    assert stats.kstest(sampler.draws_.step.numpy(), "uniform").pvalue > 1e-4


def scattered():
    """Each row of class 1 has rows of class 0 alone around it, except class 2's, which lie together."""
    far = np.arange(6) * 100.0
    crowd = np.concatenate([far + offset for offset in (1, 2, 3, -1, -2, -3)])
    X = np.concatenate((crowd, far, [-500, -501, -502, -503]))[:, None]
    return X, np.array([0] * 36 + [1] * 6 + [2] * 4)


def test_a_class_of_noise_stays_and_is_named():
    X, y = scattered()
    with pytest.warns(
        NothingSampledWarning, match=r"SafeLevelSMOTE: .*class 1 .*3 nearest.* 6 samples.*SMOTE"
    ):
        _, labels = SafeLevelSMOTE(k_neighbors=3, random_state=0).fit_resample(X, y)
    assert np.bincount(labels).tolist() == [36, 6, 36]


def test_few_samples_are_repeated_though_none_is_safe():
    X, y = scattered()
    sampler = SafeLevelSMOTE(k_neighbors=3, random_state=0, few_samples="duplicate")
    y[36:41] = 0  # one row of class 1 is left
    with pytest.warns(FewSamplesWarning, match="class 1"):
        rows, labels = sampler.fit_resample(X, y)
    assert np.bincount(labels).tolist() == [41, 41, 41]
    assert (rows[labels == 1] == X[41]).all()
    with pytest.raises(ValueError, match=r"SafeLevelSMOTE: class 1 has 1 samples"):
        SafeLevelSMOTE(k_neighbors=3).fit_resample(X, y)


def test_the_dataset_keeps_to_the_same_spans():
    X, y = (torch.tensor(values) for values in table())
    allowed, _ = pairs_of(X.numpy(), y.numpy(), 1, 3)
    data = SMOTEDataset(TensorDataset(X, y), SafeLevelSMOTE(k_neighbors=3))
    origin = data.provenance(torch.arange(len(X), len(data)))
    for b, n, t in zip(*(values.tolist() for values in origin), strict=True):
        low, high = allowed[b, n]
        assert low - 1e-12 <= t <= high + 1e-12


def test_a_batch_puts_nothing_between_a_safe_row_and_noise(device):
    # Rows at 0 to 3 are safe; the one at 50, among enemies, has level 0: steps are 0 to it and 1 from it.
    own = torch.tensor([0.0, 1.0, 2.0, 3.0, 50.0])
    h = torch.cat((own, 50 + torch.arange(1.0, 5.0), torch.arange(90.0, 96.0))).unsqueeze(1).to(device)
    y = torch.tensor([1] * 5 + [0] * 10, device=device)
    rows, labels = EmbeddingSMOTE(2, SafeLevelSMOTE(k_neighbors=3), ratio=20, class_counts=(10, 5))(h, y)
    made = rows[15:, 0]
    assert (labels[15:] == 1).all()
    assert (made <= 3).all()
    assert ((made > 0) & (made < 3) & (made != made.round())).any()
