"""SMOTER and SMOGN: slow references, toy cases, and what holds for any table."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from torchsmote import SMOGN, SMOTER, FewSamplesWarning, NothingSampledWarning, synthesize
from torchsmote.other_targets.bins import bins_of, rows_wanted
from torchsmote.other_targets.noise import half_median

POINTS = [[-3, 1], [0, 0], [3, 1]]  # relevance 0.8 is reached at 2.14 on either side
HIGH = [[0, 0], [1, 1]]


def table(n=80, d=3, seed=0, tail=2.5):
    rng = np.random.RandomState(seed)
    y = rng.randn(n).clip(-2, 2)  # none near the edge of a bin
    y[: n // 8], y[-(n // 6) :] = tail + rng.rand(n // 8), -tail - rng.rand(n // 6)
    order = rng.permutation(n)
    return rng.randn(n, d)[order] + y[order, None], y[order]


def bins(y, low=-2.14, high=2.14):
    return [np.flatnonzero(y < low), np.flatnonzero((y > low) & (y < high)), np.flatnonzero(y > high)]


def neighbors(X, bag, base, k):
    others = bag[bag != base]
    distances = np.linalg.norm(X[others] - X[base], axis=1)
    order = np.argsort(distances, kind="stable")[:k]
    return others[order], distances[order], np.median(distances)


def chosen_rows(rng, bag, over):
    """Which rows of a bin are a base once more, or stay."""
    return bag[np.sort(rng.permutation(len(bag))[:over])]


def reference(X, y, k, seed, perturbation=None):
    """Both papers' loops, row by row in float64, "balance", with numbers drawn in the package's order."""
    rng = np.random.RandomState(seed)
    groups = bins(y)
    goal = round(len(y) / 3)
    plan = []
    for bag in (groups[0], groups[2]):
        each, over = divmod(goal - len(bag), len(bag))
        extra = chosen_rows(rng, bag, over)
        plan.append((bag, [base for base in bag for _ in range(each + (base in extra))]))
    made = []
    for bag, bases in plan:
        columns, u = rng.randint(0, k, size=len(bases)), rng.uniform(size=len(bases))
        for base, column, step in zip(bases, columns, u, strict=True):
            near, distances, median = neighbors(X, bag, base, k)
            far = perturbation is not None and distances[column] >= median / 2
            x = X[base] + (0 if far else step) * (X[near[column]] - X[base])
            to_base, to_near = np.linalg.norm(x - X[base]), np.linalg.norm(x - X[near[column]])
            target = (to_near * y[base] + to_base * y[near[column]]) / (to_base + to_near)
            scale = min(perturbation, median / 2) if far else 0
            made.append([x, target, scale, bag, far])
    noise = rng.standard_normal((sum(row[4] for row in made), X.shape[1] + 1))
    for row, normals in zip([row for row in made if row[4]], noise, strict=True):
        row[0] = row[0] + normals[:-1] * row[2] * X[row[3]].std(0, ddof=1)
        row[1] += normals[-1] * row[2] * y[row[3]].std(ddof=1)
    kept = np.sort(np.concatenate((groups[0], groups[2], chosen_rows(rng, groups[1], goal))))
    return kept, np.array([row[0] for row in made]), np.array([row[1] for row in made]), made


@pytest.mark.parametrize("method", [SMOTER, SMOGN])
@pytest.mark.parametrize("k", [1, 5])
def test_rows_and_targets_are_those_of_the_papers_loops(method, k):
    X, y = table()
    sampler = method(k_neighbors=k, random_state=5, relevance=POINTS)
    X_new, y_new = sampler.fit_resample(X, y)
    kept, rows, targets, made = reference(X, y, k, 5, 0.02 if method is SMOGN else None)
    np.testing.assert_array_equal(sampler.sample_indices_, [*kept, *[-1] * len(rows)])
    np.testing.assert_array_equal(X_new[: len(kept)], X[kept])
    np.testing.assert_array_equal(y_new[: len(kept)], y[kept])
    np.testing.assert_allclose(X_new[len(kept) :], rows, rtol=1e-11)
    np.testing.assert_allclose(y_new[len(kept) :], targets, rtol=1e-11)
    far = [row[4] for row in made]
    assert (method is SMOGN) == any(far)
    np.testing.assert_array_equal(sampler.draws_.step == 0, far)
    if method is SMOGN and k == 1:
        assert not all(far)
    assert [own.n_rows for own in sampler.bins_] == [13, 57, 10]
    assert [own.n_wanted for own in sampler.bins_] == [27, 27, 27]


def test_targets_of_twins_are_half_way():
    X = np.array([[0.0]] * 10 + [[5.0], [5.0]])
    y = np.array([0.0] * 10 + [10.0, 12.0])
    sampler = SMOTER(k_neighbors=1, relevance=HIGH, random_state=0, under_sample=False)
    X_new, y_new = sampler.fit_resample(X, y)
    assert X_new[12:].tolist() == [[5.0]] * 4
    assert y_new[12:].tolist() == [11.0] * 4
    assert (sampler.draws_.step != 0.5).all()  # the draws are not touched for it


def test_how_many_rows():
    # 10 low, 80 normal and 10 high values.
    three = bins_of(np.arange(100.0), (np.arange(100) < 10) | (np.arange(100) >= 90))
    assert three.counts == (10, 80, 10)
    assert three.rare == (True, False, True)
    assert three.limits == ((0.0, 9.0), (10.0, 89.0), (90.0, 99.0))
    assert rows_wanted("balance", three, True) == (33, 33, 33)
    assert rows_wanted("balance", three, False) == (33, 80, 33)
    # 99 rows in the ratio of 1/10 to 1/80 to 1/10: 46.6, 5.8, 46.6.
    assert rows_wanted("extreme", three, True) == (47, 6, 47)
    assert rows_wanted("extreme", three, False) == (47, 80, 47)
    assert rows_wanted(0.29, three, True) == (23, 80, 23)
    assert rows_wanted({0: 12, 1: 7}, three, True) == (12, 7, 10)
    # A rare bin never shrinks, and a normal one never grows.
    large = bins_of(np.arange(100.0), np.arange(100) < 60)
    assert rows_wanted("balance", large, True) == (60, 40)
    assert rows_wanted("extreme", large, True) == (60, 40)
    tiny = bins_of(np.arange(2002.0), (np.arange(2002) == 0) | (np.arange(2002) == 2001))
    assert rows_wanted("extreme", tiny, True)[1] == 1  # not 0.33


@pytest.mark.parametrize("method", [SMOTER, SMOGN])
def test_bins_of_the_output(method):
    X, y = table()
    for strategy in ("balance", "extreme", 0.5, {0: 40, 1: 30, 2: 11}):
        sampler = method(sampling_strategy=strategy, relevance=POINTS, random_state=0)
        _, y_new = sampler.fit_resample(X, y)
        real = sampler.sample_indices_ >= 0
        assert (np.diff(sampler.sample_indices_[real]) > 0).all()  # in input order, each once
        counts = np.array([len(rows) for rows in bins(y_new)])
        # A bit of noise can take a target over the edge of its bin.
        assert np.abs(counts - [own.n_wanted for own in sampler.bins_]).max() <= (2 if method is SMOGN else 0)
        assert (np.diff(sampler.draws_.labels) >= 0).all()
        for label, n_new in sampler.sampling_strategy_.items():
            base = sampler.draws_.base[sampler.draws_.labels == label].numpy()
            assert len(base) == n_new
            times = np.bincount(base, minlength=len(y))[bins(y)[label]]
            assert times.max() - times.min() <= 1
    assert [own.n_wanted for own in sampler.bins_] == [40, 30, 11]


@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**32 - 1),
    data=st.integers(0, 1000),
    k=st.integers(1, 5),
    under=st.booleans(),
    scale=st.sampled_from([1e-3, 1.0, 1e6]),
)
def test_invariants(seed, data, k, under, scale):
    X, y = table(seed=data, n=48)
    X, y = (scale * X).astype(np.float32), y.astype(np.float32)
    for method in (SMOTER, SMOGN):
        sampler = method(k_neighbors=k, random_state=seed, relevance=POINTS, under_sample=under)
        X_new, y_new = sampler.fit_resample(X, y)
        draws, kept = sampler.draws_, sampler.sample_indices_[sampler.sample_indices_ >= 0]
        np.testing.assert_array_equal(X_new[: len(kept)], X[kept])
        np.testing.assert_array_equal(y_new[: len(kept)], y[kept])
        assert under or len(kept) == 48
        rows, made = X_new[len(kept) :], y_new[len(kept) :]
        step = (draws.step != 0).numpy()
        base, near = draws.base.numpy()[step], draws.neighbor.numpy()[step]
        for new, old in ((rows[step], X), (made[step], y)):
            low, high = np.minimum(old[base], old[near]), np.maximum(old[base], old[near])
            assert ((new >= low) & (new <= high)).all()
        assert step.all() or method is SMOGN
        base = draws.base.numpy()[~step]  # noise: at most 0.02 deviations of its bin, times 6 or so
        spread = np.array([X[rows].std(0, ddof=1) for rows in bins(y)])[draws.labels.numpy()[~step]]
        assert (np.abs(rows[~step] - X[base]) <= 0.02 * 6 * spread + 1e-6 * np.abs(X[base])).all()
        # Base and neighbour are of the same bin, a rare one.
        codes = np.digitize(y, [-2.14, 2.14])
        np.testing.assert_array_equal(codes[draws.base], draws.labels)
        np.testing.assert_array_equal(codes[draws.neighbor], draws.labels)
        assert set(draws.labels.tolist()) == {0, 2}


def test_near_and_far_neighbors_of_a_toy_case():
    # The rare bin: two pairs 1 apart, 100 between them. Distances from row 0 to the others: 1, 100, 101, so
    # half the median is 50: its one neighbour is near. Of a row alone at 1000 the nearest is far.
    X = np.array([[0.0], [1.0], [100.0], [101.0], [1000.0], *[[0.0]] * 20])
    y = np.array([10.0, 11.0, 12.0, 13.0, 14.0, *[0.0] * 20])
    expected = [half * 0.5 for half in (100.5, 99.5, 99.5, 100.5, 949.5)]
    np.testing.assert_allclose(half_median(torch.tensor(X[:5])), expected)
    sampler = SMOGN(k_neighbors=1, relevance=HIGH, sampling_strategy={1: 10}, perturbation=0, random_state=0)
    X_new, y_new = sampler.fit_resample(X, y)
    assert (sampler.draws_.step == 0).tolist() == [False] * 4 + [True]
    assert X_new[29].tolist() == [1000.0]
    assert y_new[29] == 14.0


def test_noise_has_the_size_that_the_paper_says():
    rng = np.random.RandomState(0)
    corners = 100.0 * np.array([[0, 0], [0, 1], [1, 0], [1, 1]])  # none is near another
    X, y = np.concatenate((corners, rng.randn(40, 2))), np.array([5.0, 6, 7, 8, *[0.0] * 40])
    for scale, size in ((1.0, 0.02), (1e-4, 0.005), (1.0, 0.3)):  # half the median is 50, or 0.005
        sampler = SMOGN(
            k_neighbors=2,
            relevance=HIGH,
            sampling_strategy={1: 20_004},
            perturbation=max(size, 0.02),
            random_state=torch.Generator().manual_seed(0),
        )
        X_new, y_new = sampler.fit_resample(scale * X, y)
        base = sampler.draws_.base.numpy()
        assert (sampler.draws_.step == 0).all()
        noise = np.column_stack((X_new[44:] - scale * X[base], y_new[44:] - y[base]))
        spread = size * np.append(scale * corners.std(0, ddof=1), y[:4].std(ddof=1))
        np.testing.assert_allclose(noise.std(0), spread, rtol=0.03)
        assert (np.abs(noise.mean(0)) < 0.03 * spread).all()
        assert np.abs(np.corrcoef(noise.T) - np.eye(3)).max() < 0.03


def test_half_median_of_any_rows(device):
    rows = torch.randn(37, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    for n in (1, 2, 3, 36, 37):
        own = rows[:n].numpy()
        distances = np.linalg.norm(own[:, None] - own[None], axis=2)
        expected = [np.median(np.delete(distances[i], i)) / 2 if n > 1 else 0 for i in range(n)]
        np.testing.assert_allclose(half_median(rows[:n].to(device)).cpu(), expected, rtol=1e-12)


@pytest.mark.parametrize("method", [SMOTER, SMOGN])
@pytest.mark.parametrize("size", [1e-300, 1e200])
def test_values_whose_squares_leave_the_range(method, size):
    X, y = table()
    X_new, y_new = method(relevance=POINTS, random_state=0).fit_resample(size * X, y)
    expected, targets = method(relevance=POINTS, random_state=0).fit_resample(X, y)
    if method is SMOTER or size > 1:  # noise is at most half a distance, which is not free of units
        np.testing.assert_allclose(X_new / size, expected, rtol=1e-9)
        np.testing.assert_allclose(y_new, targets, rtol=1e-9)
    assert np.isfinite(X_new).all()


def test_twins_everywhere_make_no_nan():
    X, y = np.ones((40, 2)), np.array([0.0] * 30 + [5.0] * 5 + [6.0] * 5)
    for method in (SMOTER, SMOGN):
        X_new, y_new = method(relevance=HIGH, random_state=0).fit_resample(X, y)
        assert (X_new == 1).all()
        assert set(y_new.tolist()) <= {0.0, 5.0, 5.5, 6.0}


@pytest.mark.parametrize("method", [SMOTER, SMOGN])
def test_small_bins(method):
    X, y = table()
    y[bins(y)[2][3:]] = 0.0
    rare = bins(y)[2]
    sampler = method(relevance=POINTS, random_state=0)
    message = (
        r"bin of y in \(2\.\d+, 3\.\d+\) has 3 samples but k_neighbors=5 needs 6; lower k_neighbors to 2"
    )
    with pytest.raises(ValueError, match=message):
        sampler.fit_resample(X, y)
    with pytest.warns(FewSamplesWarning, match="3 samples") as caught:
        sampler.set_params(few_samples="shrink").fit_resample(X, y)
    assert caught[0].filename == __file__
    with pytest.warns(FewSamplesWarning):
        X_new, y_new = sampler.set_params(few_samples="duplicate").fit_resample(X, y)
    made = sampler.draws_.labels == 2
    copies = X_new[sampler.sample_indices_ < 0][made]
    assert (copies[:, None] == X[rare]).all(2).any(1).all()
    y[rare[1:]] = 0.0  # a single rare row
    with pytest.warns(FewSamplesWarning):
        X_new, y_new = sampler.fit_resample(X, y)
    assert (X_new[-27 + 1 :] == X[rare[0]]).all()
    assert (y_new[-27 + 1 :] == y[rare[0]]).all()


@pytest.mark.parametrize("method", [SMOTER, SMOGN])
def test_constraint(method):
    X, y = table()
    inside = X.sum(1) < X.sum(1).max() - 0.1
    X, y = X[inside], y[inside]
    limit = float(X.sum(1).max()) - 0.5

    def rule(rows):
        return (rows.sum(1) < limit) | (rows[:, None] == torch.tensor(X)).all(2).any(1)

    for state in (0, np.random.RandomState(0), torch.Generator().manual_seed(0)):
        sampler = method(relevance=POINTS, random_state=state, constraint=rule, max_redraws=300)
        X_new, _ = sampler.fit_resample(X, y)
        assert rule(torch.tensor(X_new)).all()
    with pytest.raises(ValueError, match=r"\d+ of \d+ synthetic rows stayed invalid after max_redraws=20"):
        method(relevance=POINTS, random_state=0, constraint=lambda rows: rows[:, 0] > 99).fit_resample(X, y)
    seen = []

    def watch(rows):
        seen.append(rows)
        return rows[:, 0] < 99

    method(relevance=POINTS, random_state=0, constraint=watch).fit_resample(X, y)
    plain, _ = method(relevance=POINTS, random_state=0).fit_resample(X, y)
    np.testing.assert_array_equal(torch.cat(seen), plain[-len(torch.cat(seen)) :])  # as returned, with noise


@pytest.mark.parametrize("method", [SMOTER, SMOGN])
def test_streams(method, device):
    X, y = (torch.tensor(values, device=device) for values in table())

    def run(state):
        return method(relevance=POINTS, random_state=state).fit_resample(X, y)

    for make in (lambda: 3, lambda: np.random.RandomState(3), lambda: torch.Generator(device).manual_seed(3)):
        first, second = run(make()), run(make())
        assert torch.equal(first[0], second[0])
        assert torch.equal(first[1], second[1])
    assert torch.equal(run(3)[0], run(np.random.RandomState(3))[0])
    assert not torch.equal(run(3)[0], run(4)[0])


def test_draws_say_where_rows_came_from():
    X, y = (torch.tensor(values) for values in table())
    sampler = SMOTER(relevance=POINTS, random_state=0)
    X_new, _ = sampler.fit_resample(X, y)
    made = torch.from_numpy(sampler.sample_indices_ < 0)
    assert torch.equal(X_new[made], synthesize(X, sampler.draws_))


def test_nothing_to_change_is_said():
    X, y = table()
    with pytest.warns(
        NothingSampledWarning, match=r"every bin of y has the rows it is to have, \[13, 57, 10\]"
    ):
        X_new, y_new = SMOTER(relevance=POINTS, sampling_strategy={}).fit_resample(X, y)
    np.testing.assert_array_equal(X_new, X)
    np.testing.assert_array_equal(y_new, y)
    sampler = SMOTER(relevance=POINTS, sampling_strategy={1: 20}, random_state=0)
    X_new, y_new = sampler.fit_resample(X, y)  # under-sampling alone
    assert len(X_new) == 13 + 20 + 10
    assert (sampler.sample_indices_ >= 0).all()
