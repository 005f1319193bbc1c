"""Geometric SMOTE against the paper's listing, its ball, and the shapes that its two factors make."""

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse, stats
from torch.utils.data import TensorDataset

from torchsmote import (
    DataWarning,
    FewSamplesWarning,
    GeometricSMOTE,
    SMOTEDataset,
    synthesize,
)


def table(n=60, d=3, seed=0, dtype=np.float64):
    rng = np.random.RandomState(seed)
    y = (np.arange(n) % 5 == 0).astype(np.int64)
    return (rng.randn(n, d) + 0.5 * y[:, None]).astype(dtype), y


def listing(center, surface, truncation, deformation, rng):
    """The paper's algorithm for one row: ball, truncation, deformation, translation."""
    d = len(center)
    v = rng.normal(size=d)
    point = rng.uniform() ** (1 / d) * v / np.linalg.norm(v)
    radius = np.linalg.norm(surface - center)
    e = (surface - center) / radius
    if abs(truncation - point @ e) > 1:
        point = point - 2 * (point @ e) * e
    point = point - deformation * (point - (point @ e) * e)
    return center + radius * point


def parts(rows, center, surface):
    """Component along the segment and distance from it, in units of its length."""
    axis = surface - center
    radius = np.linalg.norm(axis)
    moved = (rows - center) / radius
    component = moved @ (axis / radius)
    return component, np.linalg.norm(moved - component[:, None] * (axis / radius), axis=1)


def two_rows(d, n_new, **arguments):
    """Rows around two rows of a class, far from the others: each is the surface of the other's ball."""
    rng = np.random.RandomState(3)
    X = np.concatenate((rng.randn(6, d) + 1e3, rng.randn(2, d)))
    sampler = GeometricSMOTE(k_neighbors=1, sampling_strategy={1: n_new + 2}, random_state=0, **arguments)
    rows, _ = sampler.fit_resample(X, [0] * 6 + [1] * 2)
    return X, rows[8:], sampler.draws_


@pytest.mark.parametrize("d", [1, 2, 3, 10])
@pytest.mark.parametrize(("truncation", "deformation"), [(1, 0), (0, 0), (-1, 0.5), (0.4, 0.3), (-0.3, 1)])
def test_rows_are_distributed_as_by_the_papers_listing(d, truncation, deformation):
    X, rows, draws = two_rows(
        d, 6000, truncation_factor=truncation, deformation_factor=deformation, selection_strategy="minority"
    )
    made = rows[draws.base.numpy() == 6]
    rng = np.random.default_rng(1)
    reference = np.array([listing(X[6], X[7], truncation, deformation, rng) for _ in range(3000)])
    for ours, theirs in zip(parts(made, X[6], X[7]), parts(reference, X[6], X[7]), strict=True):
        if theirs.max() > 1e-9:
            assert stats.ks_2samp(ours, theirs).pvalue > 1e-4
        else:
            assert ours.max() < 1e-9
    # Beside the segment no direction is preferred: every coordinate has the same law as the listing's.
    for column in range(d):
        assert stats.ks_2samp(made[:, column], reference[:, column]).pvalue > 1e-4


def test_the_untruncated_ball_is_uniform():
    X, rows, draws = two_rows(3, 8000, truncation_factor=0.0)
    radius = np.linalg.norm(X[7] - X[6])
    own = rows[draws.base.numpy() == 6]
    distance = np.linalg.norm(own - X[6], axis=1) / radius
    assert distance.max() <= 1
    assert stats.kstest(distance**3, "uniform").pvalue > 1e-4
    # In three dimensions each coordinate of a direction is uniform.
    for column in ((own - X[6]) / radius / distance[:, None]).T:
        assert stats.kstest(column, stats.uniform(-1, 2).cdf).pvalue > 1e-4


@pytest.mark.parametrize(("truncation", "low", "high"), [(1, 0, 1), (0, -1, 1), (-1, -1, 0), (0.5, -0.5, 1)])
def test_truncation_chooses_the_part_of_the_ball(truncation, low, high):
    _, _, draws = two_rows(4, 5000, truncation_factor=truncation)
    step = draws.step.numpy()
    assert step.min() >= low
    assert step.max() <= high
    assert step.min() < low + 0.1
    assert step.max() > high - 0.1


def test_full_deformation_is_the_segment_of_smote(device):
    # The paper: with truncation 1, deformation 1 and the minority selection, rows lie where SMOTE puts them.
    X, y = (torch.tensor(values, device=device) for values in table())
    sampler = GeometricSMOTE(deformation_factor=1.0, selection_strategy="minority", random_state=0)
    rows, _ = sampler.fit_resample(X, y)
    assert torch.equal(rows[60:], synthesize(X, sampler.draws_))
    assert (y[sampler.draws_.neighbor] == 1).all()
    assert 0 <= float(sampler.draws_.step.min()) <= float(sampler.draws_.step.max()) <= 1


@pytest.mark.parametrize("strategy", ["combined", "majority"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_no_enemy_lies_inside_a_ball(strategy, dtype):
    X, y = table(200, dtype=dtype)
    sampler = GeometricSMOTE(selection_strategy=strategy, truncation_factor=0.0, random_state=0)
    rows, _ = sampler.fit_resample(X, y)
    base = X[sampler.draws_.base.numpy()]
    moved = np.linalg.norm(rows[200:] - base, axis=1)
    to_enemies = np.linalg.norm(base[:, None] - X[y == 0][None], axis=2).min(1)
    assert (moved <= to_enemies * (1 + 1e-5)).all()


@pytest.mark.parametrize("strategy", ["combined", "majority", "minority"])
def test_surface_rows_are_those_of_the_paper(strategy):
    X, y = table(80, 2)
    sampler = GeometricSMOTE(
        k_neighbors=4, selection_strategy=strategy, random_state=0, sampling_strategy={1: 5000}
    )
    sampler.fit_resample(X, y)
    base, surface = sampler.draws_.base.numpy(), sampler.draws_.neighbor.numpy()
    expected = {}
    for row in np.flatnonzero(y == 1):
        distance = np.linalg.norm(X - X[row], axis=1)
        own = [i for i in np.argsort(distance) if y[i] == 1 and i != row][:4]
        enemy = next(i for i in np.argsort(distance) if y[i] == 0)
        nearer = [i if distance[i] <= distance[enemy] else enemy for i in own]
        expected[row] = {"combined": nearer, "majority": [enemy], "minority": own}[strategy]
    for row, others in expected.items():
        drawn = surface[base == row]
        assert set(drawn) == set(others)
        if strategy == "combined" and len(set(others)) > 1:
            share = np.mean(drawn == max(others))
            assert abs(share - others.count(max(others)) / 4) < 0.1
    if strategy == "combined":
        assert {y[i] for others in expected.values() for i in others} == {0, 1}


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
def test_rows_beside_a_twin_are_the_row_itself(dtype):
    X = torch.tensor([[0.0, 0.0], [0.0, 0.0], [5.0, 5.0], [6.0, 6.0], [7.0, 5.0]], dtype=dtype)
    rows, _ = GeometricSMOTE(k_neighbors=1, random_state=0).fit_resample(X, torch.tensor([1, 1, 0, 0, 0]))
    assert (rows[5:] == 0).all()


def test_the_largest_numbers_give_finite_rows():
    X, y = table()
    for scale, dtype in ((1e150, np.float64), (1e-150, np.float64), (1e30, np.float32)):
        rows, _ = GeometricSMOTE(random_state=0).fit_resample((X * scale).astype(dtype), y)
        assert np.isfinite(rows).all()
        expected, _ = GeometricSMOTE(random_state=0).fit_resample(X, y)
        np.testing.assert_allclose(rows / scale, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("state", ["int", "RandomState", "generator"])
def test_a_seed_gives_the_same_rows_on_every_device_and_in_every_container(state, device):
    X, y = table()

    def fit(given):
        seed = {
            "int": 4,
            "RandomState": np.random.RandomState(4),
            "generator": torch.Generator().manual_seed(4),
        }
        return GeometricSMOTE(random_state=seed[state]).fit_resample(given, y)[0]

    expected = fit(X)
    np.testing.assert_allclose(fit(torch.tensor(X, device=device)).cpu(), expected, rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(fit(pd.DataFrame(X)), expected)
    np.testing.assert_allclose(fit(sparse.csr_matrix(X)).toarray(), expected, rtol=1e-12)
    assert not np.array_equal(GeometricSMOTE(random_state=5).fit_resample(X, y)[0], expected)


def test_rows_do_not_depend_on_how_many_are_made_at_a_time(monkeypatch):
    X, y = table(300, 4)
    expected, _ = GeometricSMOTE(random_state=0).fit_resample(X, y)
    monkeypatch.setattr("torchsmote.over_sampling.ball._CHUNK", 50)
    np.testing.assert_array_equal(GeometricSMOTE(random_state=0).fit_resample(X, y)[0], expected)


@pytest.mark.parametrize("kind", ["array", "sparse", "frame"])
def test_whole_numbers_are_rounded_and_kept_in_range(kind):
    X = np.random.RandomState(0).randint(0, 8, (60, 2)).astype(np.uint8)
    y = (np.arange(60) % 5 == 0).astype(int)
    given = {"array": X, "sparse": sparse.csr_matrix(X), "frame": pd.DataFrame(X)}[kind]
    sampler = GeometricSMOTE(random_state=0, selection_strategy="minority", truncation_factor=0)
    with pytest.warns(DataWarning) as caught:
        rows, _ = sampler.fit_resample(given, y)
    assert any("range" in str(warning.message) for warning in caught)
    rows = rows.toarray() if kind == "sparse" else np.asarray(rows)
    assert rows.dtype == np.uint8
    assert rows[60:].max() < 20  # -1 would be 255


@pytest.mark.parametrize("generator", [True, False])
def test_a_constraint_judges_the_rows_that_come_out(generator):
    X, y = table()
    state = torch.Generator().manual_seed(0) if generator else 0
    seen = []

    def low(rows):
        seen.extend(map(tuple, rows.tolist()))
        return rows[:, 0] < 0.6

    sampler = GeometricSMOTE(random_state=state, constraint=low, max_redraws=100)
    rows, labels = sampler.fit_resample(X, y)
    assert (rows[60:, 0] < 0.6).all()
    assert {tuple(row) for row in rows[60:]} <= set(seen)
    assert labels.sum() == 48
    # The segment's part of each row is what `draws_` say.
    base, surface = X[sampler.draws_.base], X[sampler.draws_.neighbor]
    axis = surface - base
    step = ((rows[60:] - base) * axis).sum(1) / (axis**2).sum(1)
    np.testing.assert_allclose(step, sampler.draws_.step, atol=1e-9)
    with pytest.raises(ValueError, match=r"constraint.*36 of 36.*max_redraws=2"):
        GeometricSMOTE(random_state=0, constraint=lambda rows: rows[:, 0] > 1e9, max_redraws=2).fit_resample(
            X, y
        )


def test_few_samples():
    X, y = table()
    y[:] = 0
    y[[7, 8, 9]] = 1
    with pytest.raises(ValueError, match=r"GeometricSMOTE: class 1 has 3 samples.*k_neighbors=5.*2"):
        GeometricSMOTE().fit_resample(X, y)
    with pytest.warns(FewSamplesWarning, match="class 1"):
        _, labels = GeometricSMOTE(few_samples="shrink", random_state=0).fit_resample(X, y)
    assert labels.sum() == 57
    with pytest.warns(FewSamplesWarning, match="class 1"):
        rows, _ = GeometricSMOTE(few_samples="duplicate", random_state=0).fit_resample(X, y)
    assert {tuple(row) for row in rows[60:]} == {tuple(row) for row in X[[7, 8, 9]]}
    # The nearest row of another class needs no second row of this one.
    y[[8, 9]] = 0
    _, labels = GeometricSMOTE(selection_strategy="majority", random_state=0).fit_resample(X, y)
    assert labels.sum() == 59


@pytest.mark.parametrize(
    ("wrong", "fact"),
    [
        ({"truncation_factor": 1.5}, "truncation_factor.*1.5"),
        ({"deformation_factor": -0.1}, "deformation_factor.*-0.1"),
        ({"selection_strategy": "both"}, "selection_strategy.*'both'"),
        ({"k_neighbors": 0}, "k_neighbors.*0"),
    ],
)
def test_wrong_arguments_are_named(wrong, fact):
    with pytest.raises(ValueError, match=f"(?s){fact}"):
        GeometricSMOTE(**wrong).fit_resample(*table())


def test_the_other_doors_say_at_construction_why_not():
    X, y = (torch.tensor(values) for values in table())
    with pytest.raises(ValueError, match=r"GeometricSMOTE.*fit_resample.*GaussianSMOTE"):
        SMOTEDataset(TensorDataset(X, y), GeometricSMOTE())


def test_a_redraw_takes_a_new_place_in_the_ball():
    # Whichever of the two rows is the base, the distance to their middle follows from the place alone.
    X, rows, _ = two_rows(3, 300, deformation_factor=0.5)
    middle = torch.tensor((X[6] + X[7]) / 2)
    near = np.quantile(np.linalg.norm(rows - middle.numpy(), axis=1), 0.3)
    _, kept, draws = two_rows(
        3,
        300,
        deformation_factor=0.5,
        constraint=lambda rows: (rows - middle).norm(dim=1) < near,
        max_redraws=100,
    )
    assert np.linalg.norm(kept - middle.numpy(), axis=1).max() < near
    assert len(draws.step.unique()) > 295
