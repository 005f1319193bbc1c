"""WeightedSampler, and the weighted draws of a recipe, for any number of rows."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest
import torch

from torchsmote import WeightedSampler
from torchsmote.data import weighted as weighted_module
from torchsmote.layout import Layout, Part

LIMIT = 2**24  # categories that torch.multinomial takes, and where a float32 count stops


@pytest.mark.parametrize("form", [torch.tensor, np.array, list])
def test_shares_are_the_weights(form):
    weights = [1.0, 0.0, 2.0, 5.0, 0.0]
    rows = torch.tensor(list(WeightedSampler(form(weights), 40_000)))
    counts = rows.bincount(minlength=5)
    expected = torch.tensor(weights) / 8 * 40_000
    assert counts[1] == counts[4] == 0
    drawn = expected > 0
    assert ((counts - expected)[drawn] ** 2 / expected[drawn]).sum() < 20  # chi squared, 2 degrees of freedom


def test_weights_are_not_rounded():
    """A list holds float64 numbers, whatever torch's default dtype is."""
    tiny = 2.0**-200  # 0 in float32
    assert set(WeightedSampler([tiny, tiny], 50)) == {0, 1}


def test_more_rows_than_torch_draws_from():
    weights = torch.ones(1).expand(LIMIT + 8)
    rows = torch.tensor(list(WeightedSampler(weights, 60_000)))
    assert (rows.double().mean() / (LIMIT / 2) - 1).abs() < 0.01
    beyond = torch.zeros(LIMIT + 8, dtype=torch.uint8)
    beyond[LIMIT + 3] = beyond[LIMIT + 5] = 1
    assert set(WeightedSampler(beyond, 50)) == {LIMIT + 3, LIMIT + 5}


def test_a_recipe_reaches_its_last_rows_in_any_dtype():
    n = LIMIT + 8
    layout = Layout.of([Part(0, n, 10)], torch.ones(1).expand(n), None, torch.device("cpu"))
    u = torch.tensor([0.0, 0.5, 1 - 2.0**-53], dtype=torch.float64)
    position = layout.position(torch.zeros(3, dtype=torch.int64), torch.zeros(3, dtype=torch.int64), u)
    assert position.tolist() == [0, n // 2, n - 1]


def test_epochs_resume_and_repeat(monkeypatch):
    monkeypatch.setattr(weighted_module, "_CHUNK", 7)
    sampler = WeightedSampler(torch.arange(10), 30, seed=3)
    epochs = [list(sampler) for _ in range(3)]
    assert epochs[0] != epochs[1] != epochs[2]
    assert len(sampler) == 30
    sampler.set_epoch(1)
    reader = iter(sampler)
    assert list(islice(reader, 12)) == epochs[1][:12]
    resumed = WeightedSampler(torch.arange(10), 30, seed=3)
    resumed.load_state_dict(sampler.state_dict())
    assert list(resumed) == epochs[1][12:]
    assert list(resumed) == epochs[2]
    with pytest.raises(ValueError, match="weights="):
        WeightedSampler(torch.arange(1, 11), 30, seed=3).load_state_dict(sampler.state_dict())


def test_the_largest_uniform_stays_on_a_row_with_a_weight(monkeypatch):
    largest = torch.full((3, 4), 1 - 2.0**-53, dtype=torch.float64)
    monkeypatch.setattr(weighted_module, "uniforms", lambda *_, **__: largest)
    assert list(WeightedSampler([0.0, 1.0, 0.0], 4)) == [1] * 4
    assert list(WeightedSampler([1.0, 3.0, 0.0, 0.0], 4)) == [1] * 4
    assert list(WeightedSampler([5e-324, 0.0], 4)) == [0] * 4  # the product is rounded up to the total


@pytest.mark.parametrize(
    ("given", "error", "facts"),
    [
        ({"weights": [1.0, -1.0]}, ValueError, "-1.0 for row 1"),
        ({"weights": [float("nan"), 1.0]}, ValueError, "nan for row 0"),
        ({"weights": [0.0, 0.0]}, ValueError, "more than 0"),
        ({"weights": [1e308, 1e308]}, ValueError, "to a finite number"),
        ({"weights": [1j, 2.0]}, TypeError, "`weights`"),
        ({"weights": torch.tensor([1j, 2.0])}, TypeError, "`weights` must be real"),
        ({"weights": []}, ValueError, "shape"),
        ({"weights": torch.ones(2, 2)}, ValueError, r"\(2, 2\)"),
        ({"weights": ["a"]}, TypeError, "`weights` must be numbers"),
        ({"num_samples": 0}, ValueError, "`num_samples` must be at least 1, got 0"),
        ({"num_samples": 2.0}, TypeError, "`num_samples` must be an int, got float"),
        ({"seed": -1}, ValueError, "`seed`"),
    ],
)
def test_bad_arguments(given, error, facts):
    with pytest.raises(error, match=facts):
        WeightedSampler(**{"weights": [1.0, 2.0], **given})
