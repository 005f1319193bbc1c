"""ProWSyn: levels by proximity to the other classes, weights by level, any other row of the class."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from torchsmote import EmbeddingSMOTE, ProWSyn, SMOTEDataset, synthesize


def levels(X, y, label, k, n_levels):
    """The paper's steps 2 to 4, one row at a time, in float64."""
    left, level, found = np.flatnonzero(y == label).tolist(), 1, {}
    while left and level < n_levels:
        chosen = set()
        for row in np.flatnonzero(y != label):
            distance = [((X[row] - X[other]) ** 2).sum() for other in left]
            chosen |= {left[place] for place in np.argsort(distance, kind="stable")[:k]}
        found |= dict.fromkeys(chosen, level)
        left, level = [row for row in left if row not in chosen], level + 1
    found |= dict.fromkeys(left, level)
    return np.array([found[row] for row in sorted(found)])


def table(seed=0, counts=(40, 25, 9), d=3):
    rng = np.random.RandomState(seed)
    y = rng.permutation(np.repeat(np.arange(len(counts)), counts))
    return rng.randn(len(y), d) + 1.5 * y[:, None], y


@pytest.mark.parametrize(("k", "n_levels"), [(1, 3), (3, 5), (5, 2), (5, 5), (50, 4), (2, 1)])
def test_levels_equal_the_reference(k, n_levels, device):
    X, y = table()
    sampler = ProWSyn(n_neighbors=k, n_levels=n_levels, random_state=0)
    sampler.fit_resample(torch.tensor(X, device=device), torch.tensor(y))
    assert sorted(sampler.levels_) == [1, 2]
    for label, found in sampler.levels_.items():
        np.testing.assert_array_equal(found, levels(X, y, label, k, n_levels))


def test_levels_run_away_from_the_border():
    # What the levels are for: bands of the class, one behind the other, as seen from the other class.
    X = np.concatenate([np.linspace(-1, 0, 30), np.arange(1, 13)])[:, None]
    y = np.array([0] * 30 + [1] * 12)
    sampler = ProWSyn(n_neighbors=3, n_levels=4, random_state=0).fit(X, y)
    sampler.fit_resample(X, y)
    assert sampler.levels_[1].tolist() == [1] * 3 + [2] * 3 + [3] * 3 + [4] * 3


@pytest.mark.parametrize("theta", [0.0, 1.0, 2.5])
@pytest.mark.parametrize("state", [0, "generator", "by number"])
def test_levels_share_the_rows_as_the_formula_says(theta, state):
    X, y = table(counts=(60, 20))
    n_new = 20_000
    sampler = ProWSyn(
        n_neighbors=2, theta=theta, n_levels=3, sampling_strategy={0: 60 + n_new}, random_state=0
    )
    if state == "by number":
        draws = sampler.recipe(X, y).draw(torch.arange(n_new), seed=1)
    else:
        if state == "generator":
            sampler.random_state = torch.Generator().manual_seed(0)
        sampler.fit_resample(X, y)
        draws = sampler.draws_
    level = levels(X, y, 0, 2, 3)
    assert set(level) == {1, 2, 3}
    weight = np.array([math.exp(-theta * (each - 1)) / (level == each).sum() for each in level])
    expected = n_new * weight / weight.sum()
    hits = np.bincount(draws.base.numpy(), minlength=80)[y == 0]
    assert ((hits - expected) ** 2 / expected).sum() < 98.3  # 59 degrees of freedom, p = 0.001
    # The other row: any further one of the class, whatever its level.
    others = np.bincount(draws.neighbor.numpy(), minlength=80)[y == 0]
    assert others.min() > 0
    assert (draws.base != draws.neighbor).all()
    assert (y[draws.neighbor.numpy()] == 0).all()
    assert 0.49 < float(draws.step.mean()) < 0.51


@settings(max_examples=20)
@given(seed=st.integers(0, 2**32 - 1), k=st.integers(1, 8), n_levels=st.integers(1, 6))
def test_every_row_has_one_level_and_no_level_is_left_out(seed, k, n_levels):
    X, y = table(seed % 1000)
    X = X.round(1)  # some ties
    sampler = ProWSyn(n_neighbors=k, n_levels=n_levels, random_state=seed)
    rows, labels = sampler.fit_resample(X, y)
    assert np.bincount(labels).tolist() == [40, 40, 40]
    np.testing.assert_array_equal(rows[:74], X)
    assert np.array_equal(synthesize(torch.tensor(X), sampler.draws_).numpy(), rows[74:])
    for label, found in sampler.levels_.items():
        assert len(found) == (y == label).sum()
        assert set(found) == set(range(1, found.max() + 1))
        assert found.max() <= n_levels


def test_equal_rows_and_few_rows():
    X, y = np.ones((20, 2)), np.array([0] * 14 + [1] * 6)
    rows, labels = ProWSyn(random_state=0).fit_resample(X, y)
    assert (rows == 1).all()
    assert np.bincount(labels).tolist() == [14, 14]
    pair, y = np.random.RandomState(0).randn(20, 2), np.array(["usual"] * 18 + ["fraud"] * 2)
    rows, labels = ProWSyn(random_state=0).fit_resample(pair, y)
    assert (labels == "fraud").sum() == 18
    y[-1] = "usual"
    with pytest.raises(ValueError, match=r"ProWSyn: class 'fraud' has 1 sample.*2.*RandomOverSampler"):
        ProWSyn().fit_resample(pair, y)


@pytest.mark.parametrize(
    ("options", "fact"),
    [
        ({"n_neighbors": 0}, "n_neighbors"),
        ({"n_levels": 0}, "n_levels"),
        ({"n_levels": 2.0}, "n_levels"),
        ({"theta": -0.1}, "theta"),
        ({"theta": float("inf")}, "theta"),
        ({"theta": float("nan")}, "theta"),
    ],
)
def test_bad_parameters_are_refused(options, fact):
    with pytest.raises(ValueError, match=rf"{fact}.*ProWSyn"):
        ProWSyn(**options).fit_resample(*table())


def test_classes_of_equal_size_have_steps_of_their_own():
    sampler = ProWSyn(random_state=0)
    sampler.fit_resample(*table(counts=(40, 20, 20)))
    steps, labels = sampler.draws_.step, sampler.draws_.labels
    assert not (steps[labels == 1] == steps[labels == 2]).any()


def test_a_steep_theta_leaves_level_1_alone():
    X, y = table()
    sampler = ProWSyn(theta=1e308, n_neighbors=1, n_levels=9, random_state=0)
    sampler.fit_resample(X, y)
    for label, found in sampler.levels_.items():
        base = sampler.draws_.base[sampler.draws_.labels == label].numpy()
        assert set(base) <= set(np.flatnonzero(y == label)[found == 1])


def test_the_loop_doors():
    X, y = (torch.tensor(values) for values in table())
    data = SMOTEDataset(torch.utils.data.TensorDataset(X.float(), y), ProWSyn(), seed=3)
    assert data.targets.bincount().tolist() == [40, 40, 40]
    origin = data.provenance(range(len(y), len(data)))
    assert (y[origin.base] == y[origin.neighbor]).all()
    with pytest.raises(ValueError, match=r"ProWSyn cannot run in a batch.*ADASYN"):
        EmbeddingSMOTE(3, ProWSyn())
