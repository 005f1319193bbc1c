"""Polynomial fitting: rows on the segments of a star, a bus or a mesh."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from torchsmote import DataWarning, EmbeddingSMOTE, PolynomFitSMOTE, SMOTEDataset, synthesize

TOPOLOGIES = ["star", "bus", "mesh"]


def table(seed=0, counts=(40, 8, 5), d=3):
    rng = np.random.RandomState(seed)
    y = rng.permutation(np.repeat(np.arange(len(counts)), counts))
    return rng.randn(len(y), d) * 3 + 10 * y[:, None], y


def segments(X, y, label, topology):
    """Start and end of each segment of a class, from the definitions, in float64."""
    own = X[y == label].astype(np.float64)
    if topology == "star":
        return [(row, own.mean(0)) for row in own]
    if topology == "bus":
        return list(pairwise(own))
    return [(own[i], own[j]) for i in range(len(own)) for j in range(i)]


def nearest_segment(row, ends):
    """The segment a row lies on, its step, and how far beside it is."""
    found = []
    for start, end in ends:
        step = ((row - start) @ (end - start)) / ((end - start) @ (end - start))
        found.append((np.abs(row - (start + step * (end - start))).max(), step))
    place = min(range(len(found)), key=lambda place: found[place])
    return place, found[place][1], found[place][0]


@pytest.mark.parametrize("state", [0, "generator"])
@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_rows_lie_on_the_segments_of_the_topology(topology, state, device):
    X, y = table()
    state = torch.Generator().manual_seed(0) if state == "generator" else state
    sampler = PolynomFitSMOTE(topology=topology, random_state=state)
    rows, labels = sampler.fit_resample(torch.tensor(X, device=device), torch.tensor(y))
    rows, labels = rows.cpu().numpy(), labels.numpy()
    assert np.bincount(labels).tolist() == [40, 40, 40]
    for row, label, base in zip(rows[53:], labels[53:], sampler.draws_.base.tolist(), strict=True):
        _, step, beside = nearest_segment(row, segments(X, y, label, topology))
        assert beside < 1e-12 * 100
        assert 0 < step < 1
        assert y[base] == label
    assert ((sampler.draws_.steps > 0) & (sampler.draws_.steps < 1)).all()


@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_every_segment_gets_as_many_and_steps_are_uniform(topology):
    X, y = table(counts=(40, 6), d=4)
    n_new = 4000
    sampler = PolynomFitSMOTE(topology=topology, sampling_strategy={1: 6 + n_new}, random_state=0)
    rows, _ = sampler.fit_resample(X, y)
    ends = segments(X, y, 1, topology)
    assert len(ends) == {"star": 6, "bus": 5, "mesh": 15}[topology]
    found = [nearest_segment(row, ends) for row in rows[46:]]
    hits = np.bincount([place for place, _, _ in found], minlength=len(ends))
    expected = n_new / len(ends)
    limit = {"star": 20.5, "bus": 18.5, "mesh": 36.1}[topology]  # 5, 4 and 14 degrees of freedom, p = 0.001
    assert ((hits - expected) ** 2 / expected).sum() < limit
    steps = np.histogram([step for _, step, _ in found], bins=10, range=(0, 1))[0]
    assert ((steps - n_new / 10) ** 2 / (n_new / 10)).sum() < 27.9  # 9, p = 0.001


@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_classes_of_equal_size_have_steps_of_their_own(topology):
    X, y = table(counts=(40, 20, 20))
    sampler = PolynomFitSMOTE(topology=topology, random_state=0)
    sampler.fit_resample(X, y)
    steps, labels = sampler.draws_.step, sampler.draws_.labels
    assert not (steps[labels == 1] == steps[labels == 2]).any()


def test_the_star_of_a_triangle():
    # Three corners and their mean in the middle: no synthetic row leaves the three spokes.
    X = np.array([[9.0, 9.0]] * 20 + [[0.0, 0.0], [6.0, 0.0], [0.0, 6.0]])
    y = np.repeat([0, 1], [20, 3])
    sampler = PolynomFitSMOTE(random_state=0)
    rows, _ = sampler.fit_resample(X, y)
    base, step = X[sampler.draws_.base.numpy()], sampler.draws_.steps.numpy()
    np.testing.assert_allclose(rows[23:], base + step * ([2.0, 2.0] - base), rtol=1e-14, atol=1e-14)
    assert torch.equal(sampler.draws_.base, sampler.draws_.neighbor)


@pytest.mark.parametrize("topology", TOPOLOGIES)
@settings(max_examples=15)
@given(seed=st.integers(0, 2**32 - 1), width=st.sampled_from([np.float32, np.float64]))
def test_constant_columns_stay_exactly_constant(topology, seed, width):
    X, y = table(seed % 1000)
    X[:, 1] = np.array([0.1, 0.3, 7.7])[y]
    X = X.astype(width)
    rows, labels = PolynomFitSMOTE(topology=topology, random_state=seed).fit_resample(X, y)
    assert (rows[:, 1] == np.array([0.1, 0.3, 7.7], width)[labels]).all()
    for label in (1, 2):
        own, made = X[y == label], rows[53:][labels[53:] == label]
        assert (made >= own.min(0)).all()
        assert (made <= own.max(0)).all()


@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_containers(topology):
    X, y = table()
    sampler = PolynomFitSMOTE(topology=topology, random_state=0)
    expected, _ = sampler.fit_resample(X, y)
    frame, _ = sampler.fit_resample(pd.DataFrame(X, columns=list("abc")), y)
    np.testing.assert_array_equal(frame.to_numpy(), expected)
    np.testing.assert_array_equal(sampler.fit_resample(X.tolist(), y.tolist())[0], expected)
    thin, _ = sampler.fit_resample(sparse.csr_array(X), y)
    np.testing.assert_allclose(thin.toarray(), expected)
    half, _ = sampler.fit_resample(torch.tensor(X).half(), y)
    np.testing.assert_allclose(half.numpy(), expected, rtol=0.02, atol=0.02)
    with pytest.warns(DataWarning):
        whole, _ = sampler.fit_resample((X * 10).astype(int), y)
    assert whole.dtype == int
    images, _ = sampler.fit_resample(X.reshape(-1, 3, 1), y)
    np.testing.assert_array_equal(images[:, :, 0], expected)


@pytest.mark.parametrize("topology", TOPOLOGIES)
@pytest.mark.parametrize("state", [0, "generator"])
def test_the_constraint_sees_the_rows_as_made(topology, state):
    X, y = table(counts=(40, 8))
    state = torch.Generator().manual_seed(0) if state == "generator" else state
    limit = float(np.median(X[y == 1, 0]))
    sampler = PolynomFitSMOTE(
        topology=topology, random_state=state, max_redraws=200, constraint=lambda rows: rows[:, 0] < limit
    )
    rows, labels = sampler.fit_resample(X, y)
    assert (rows[48:, 0] < limit).all()
    assert np.bincount(labels).tolist() == [40, 40]
    sampler.set_params(constraint=lambda rows: rows[:, 0] > 1e9, max_redraws=1)
    with pytest.raises(ValueError, match="`constraint`: 32 of 32"):
        sampler.fit_resample(X, y)


@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_few_rows_and_equal_rows(topology):
    X, y = np.random.RandomState(0).randn(20, 2), np.array(["usual"] * 18 + ["fraud"] * 2)
    _, labels = PolynomFitSMOTE(topology=topology, random_state=0).fit_resample(X, y)
    assert (labels == "fraud").sum() == 18
    y[-1] = "usual"
    with pytest.raises(ValueError, match=rf"'fraud' has 1 .*topology='{topology}'.*RandomOverSampler"):
        PolynomFitSMOTE(topology=topology).fit_resample(X, y)
    X, y = np.full((9, 2), 0.1), np.repeat([0, 1], [6, 3])
    same, _ = PolynomFitSMOTE(topology=topology, random_state=0).fit_resample(X, y)
    assert (same == 0.1).all()
    with pytest.raises(ValueError, match="topology"):
        PolynomFitSMOTE(topology="ring").fit_resample(X, y)


@pytest.mark.parametrize("topology", ["bus", "mesh"])
def test_a_dataset_draws_the_segments(topology):
    X, y = table()
    sampler = PolynomFitSMOTE(topology=topology)
    data = SMOTEDataset(torch.utils.data.TensorDataset(torch.tensor(X), torch.tensor(y)), sampler, seed=3)
    assert data.targets.bincount().tolist() == [40, 40, 40]
    for row, label in (data[number] for number in range(len(y), len(data))):
        _, step, beside = nearest_segment(row.numpy(), segments(X, y, int(label), topology))
        assert beside < 1e-10
        assert 0 <= step < 1
    recipe = sampler.recipe(X, y)
    draws = recipe.draw(torch.arange(recipe.n_synthetic), seed=1)
    assert torch.equal(recipe.draw(torch.tensor([5]), seed=1).base, draws.base[5:6])
    assert synthesize(torch.tensor(X), draws).shape == (67, 3)


def test_doors_that_a_topology_does_not_fit():
    X, y = (torch.tensor(values) for values in table())
    with pytest.raises(ValueError, match=r"PolynomFitSMOTE\(topology='star'\).*mean.*\"mesh\" or \"bus\""):
        SMOTEDataset(torch.utils.data.TensorDataset(X, y), PolynomFitSMOTE())
    for topology, fact in (("star", "mean"), ("bus", "consecutive")):
        with pytest.raises(ValueError, match=rf"topology='{topology}'.*{fact}.*topology=\"mesh\""):
            EmbeddingSMOTE(3, PolynomFitSMOTE(topology=topology))


def test_a_mesh_runs_in_a_batch():
    X, y = (torch.tensor(values) for values in table())
    layer = EmbeddingSMOTE(3, PolynomFitSMOTE(topology="mesh"), ratio=2.0)
    rows, labels = layer(X, y)
    assert rows.shape == (159, 3)
    for row, label in zip(rows[53:].numpy(), labels[53:].tolist(), strict=True):
        assert nearest_segment(row, segments(X.numpy(), y.numpy(), label, "mesh"))[2] < 1e-10
