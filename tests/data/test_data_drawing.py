"""Remembered draws and announced batches: both must be invisible but for the time they save."""

from __future__ import annotations

import copy
import pickle
from itertools import islice

import numpy as np
import pytest
import torch
from loop_data import N, same, table, tensors
from torch.utils.data import BatchSampler, TensorDataset

from torchsmote import SMOTE
from torchsmote.data import SMOTEDataset, SMOTESampler, drawing
from torchsmote.data import ahead as ahead_module
from torchsmote.data.ahead import Ahead
from torchsmote.data.drawing import DrawCache
from torchsmote.data.plan import Mix


def equal(a: Mix, b: Mix) -> bool:
    return (
        np.array_equal(a.base, b.base)
        and np.array_equal(a.neighbors, b.neighbors)
        and torch.equal(a.steps, b.steps)
        and a.base.dtype == b.base.dtype == a.neighbors.dtype == np.int64
    )


@pytest.fixture(params=[torch.float64, torch.float32, torch.bfloat16])
def drawer(request):
    X, y = table(n=2000, rare=50, dtype=request.param)
    return SMOTEDataset(TensorDataset(X, y), SMOTE(k_neighbors=3)).fit.drawer


@pytest.mark.parametrize("block", [7, 512, 4096])
def test_cached_draws_equal_direct_ones(drawer, block, monkeypatch):
    monkeypatch.setattr(drawing, "_BLOCK", block)
    cache, n = DrawCache(drawer), drawer.recipe.n_synthetic
    rng = np.random.default_rng(0)
    for epoch in (0, 0, 3, 3, 1, 3, 2**32 - 1):
        wanted = rng.integers(0, n, 40)
        assert equal(cache.draw(wanted, np.arange(40), epoch), drawer.mix(wanted, epoch))
    everything = np.arange(n)
    assert equal(cache.draw(everything, everything, 5), drawer.mix(everything, 5))


def test_batches_of_several_epochs(drawer):
    cache = DrawCache(drawer)
    rng = np.random.default_rng(1)
    epochs = rng.integers(0, 4, 60)
    positions = np.sort(rng.choice(60, 30, replace=False))
    wanted = rng.integers(0, drawer.recipe.n_synthetic, 30)
    got = cache.draw(wanted, positions, epochs)
    for place, (row, position) in enumerate(zip(wanted, positions, strict=True)):
        one = drawer.mix(np.array([row]), int(epochs[position]))
        assert equal(Mix(*(values[place : place + 1] for values in got)), one)
    none = cache.draw(wanted[:0], positions[:0], epochs)
    assert len(none.base) == 0


def test_what_does_not_fit_is_drawn_when_read(drawer, monkeypatch):
    monkeypatch.setattr(drawing, "_CACHE_BYTES", 100)
    cache = DrawCache(drawer)
    wanted = np.array([5, 0, 1800])
    assert equal(cache.draw(wanted, wanted, 2), drawer.mix(wanted, 2))
    assert cache._store is None


def test_memory_of_a_row(drawer):
    cache = DrawCache(drawer)
    cache.draw(np.array([0]), np.array([0]), 0)
    wide = drawer.recipe.dtype == torch.float64
    assert cache._store.nbytes == drawer.recipe.n_synthetic * (24 if wide else 12)


@pytest.mark.parametrize("copier", [copy.deepcopy, lambda cache: pickle.loads(pickle.dumps(cache))])
def test_copies_start_empty(drawer, copier):
    cache = DrawCache(drawer)
    wanted = np.array([3, 1])
    first = cache.draw(wanted, wanted, 1)
    other = copier(cache)
    assert other._store is None
    assert equal(other.draw(wanted, wanted, 1), first)


def read(data, batches):
    return [data.__getitems__(batch).stacks for batch in batches]


@pytest.mark.parametrize("size", [1, 5, 8, 32, 100])
@pytest.mark.parametrize("given", [{}, {"return_provenance": True}, {"soft_labels": True, "num_classes": 2}])
def test_announced_batches_equal_lone_ones(size, given, monkeypatch):
    monkeypatch.setattr("torchsmote.data.samplers._CHUNK", 32)
    data, alone = tensors(**given), tensors(**given)
    sampler = SMOTESampler(data)
    for _ in range(2):
        lists = []
        got = []
        for batch in BatchSampler(sampler, size, False):
            lists.append(batch)
            got.append(data.__getitems__(batch).stacks)
        assert same(got, read(alone, lists))


def test_batches_may_change_their_size_under_way(monkeypatch):
    monkeypatch.setattr("torchsmote.data.samplers._CHUNK", 24)
    data, alone = tensors(), tensors()
    indices = iter(SMOTESampler(data))
    sizes = [4, 4, 8, 8, 2, 3, 3, 3, 1, 1, 1, 30, 4, 4, 4]
    for size in sizes:
        batch = list(islice(indices, size))
        assert same(data.__getitems__(batch).stacks, alone.__getitems__(batch).stacks)


def test_groups_are_made_at_once(monkeypatch):
    data = tensors()
    made = []
    stacks = data.source.stacks
    monkeypatch.setattr(
        data.source, "stacks", lambda plan, *rest: made.append(len(plan.base)) or stacks(plan, *rest)
    )
    read(data, BatchSampler(SMOTESampler(data), 8, False))
    assert made == [96]
    made.clear()
    monkeypatch.setattr(ahead_module, "_BYTES", 3 * 8 * data.source.row_bytes)
    read(data, BatchSampler(SMOTESampler(data), 8, False))
    assert made == [24] * 4
    made.clear()
    monkeypatch.setattr(ahead_module, "_BYTES", 8 * data.source.row_bytes)  # one batch: nothing to gain
    read(data, BatchSampler(SMOTESampler(data), 8, False))
    assert made == [8] * 12


def test_announcements_that_do_not_come_true_do_no_harm():
    data, alone = tensors(), tensors()
    batches = list(BatchSampler(SMOTESampler(alone), 8, False))
    data.announce(np.concatenate(batches))
    order = [batches[0], batches[1], batches[3], batches[2], [N, 1], batches[4], batches[0]]
    assert same(read(data, order), read(alone, order))
    for _ in range(5):
        data.announce(np.array(batches[0]))
    assert same(read(data, order), read(alone, order))


def test_batches_made_ahead_follow_set_epoch_and_refresh():
    data, alone = tensors(), tensors()
    batches = [list(range(N, N + 6)), list(range(N + 6, N + 12)), list(range(N + 12, N + 18))]
    data.announce(np.concatenate(batches))
    got = [data.__getitems__(batches[0]).stacks]
    data.set_epoch(4)
    got.append(data.__getitems__(batches[1]).stacks)
    want = [alone.__getitems__(batches[0]).stacks]
    alone.set_epoch(4)
    want.append(alone.__getitems__(batches[1]).stacks)
    features = torch.randn(N, 3, generator=torch.Generator().manual_seed(3))
    for one, into in ((data, got), (alone, want)):
        one.refresh(features)
        into.append(one.__getitems__(batches[2]).stacks)
    assert same(got, want)


def test_a_batch_changed_in_place_changes_no_other():
    data, alone = tensors(), tensors()
    batches = list(BatchSampler(SMOTESampler(data), 8, False))
    data.announce(np.concatenate(batches))
    got = []
    for batch in batches:
        stacks = data.__getitems__(batch).stacks
        got.append([values.clone() for values in stacks])
        stacks[0].fill_(torch.nan)
    assert same(got, read(alone, batches))


def test_announcements_do_not_pile_up_or_travel():
    ahead = Ahead(8)
    for start in range(100):
        ahead.announce(np.arange(start, start + 10))
    assert len(ahead._announced) <= 2
    assert len(pickle.loads(pickle.dumps(ahead))._announced) == 0
