"""Neighbors searched again while training goes on: from which epoch they hold, and for which processes."""

from __future__ import annotations

import copy
import gc
import multiprocessing
import pickle
import tempfile
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from loop_data import BATCH, RARE, Items, N, load, same, table, tensors
from torch.utils.data import TensorDataset

from torchsmote import (
    ADASYN,
    SMOTE,
    BalancedBatchSampler,
    DistributedSMOTESampler,
    LeeSMOTE,
    SMOTEDataset,
    SMOTESampler,
    TensorLoader,
)
from torchsmote.data import shared_file

X, Y = table()
CODES = torch.randint(0, 3, (N, 2), generator=torch.Generator().manual_seed(5))


def features(seed, n=N):
    return torch.randn(n, 3, generator=torch.Generator().manual_seed(100 + seed))


def rows_of(data, epoch):
    """Base, neighbor and step of every synthetic row of an epoch."""
    return data.provenance(epoch * len(data) + torch.arange(N, len(data)))


def as_if_new(seed, epoch, make=tensors):
    """The rows that a dataset built with these features makes in that epoch."""
    return rows_of(make(features=features(seed)), epoch)


def test_a_refresh_holds_from_the_next_epoch_on():
    data = tensors()
    before = [rows_of(data, epoch) for epoch in range(3)]
    sampler = SMOTESampler(data)
    list(sampler)  # epoch 0 has begun
    data.refresh(features(0))
    assert same([rows_of(data, 0)], before[:1])
    assert same([rows_of(data, epoch) for epoch in (1, 2)], [as_if_new(0, epoch) for epoch in (1, 2)])
    list(sampler)
    data.refresh(features(1), epoch=2)
    assert same([rows_of(data, 1), rows_of(data, 2)], [as_if_new(0, 1), as_if_new(1, 2)])
    with pytest.raises(ValueError, match=r"epoch 0.*from epoch 1"):
        rows_of(data, 0)


@pytest.mark.parametrize("make", [tensors, lambda: SMOTEDataset(Items("dict"), SMOTE(k_neighbors=3))])
def test_real_rows_are_read_whatever_the_epoch(make):
    data, alone = make(), make()
    for epoch in (2, 4, 6):
        data.refresh(features(epoch), epoch=epoch)
    length = len(data)
    for wanted in ([0, 3], [1, length + 2], [5 * length + 1, 0]):
        got, want = data.__getitems__(wanted), alone.__getitems__([index % length for index in wanted])
        assert same(list(map(list, got)), list(map(list, want)))
    assert same([data.provenance([2]).base], [torch.tensor([2])])
    with pytest.raises(ValueError, match=r"epoch 0.*from epoch 4"):
        data.__getitems__([0, N])


def test_before_any_epoch_it_holds_for_all():
    data = tensors()
    data.refresh(features(0))
    data.refresh(features(1))
    assert same([rows_of(data, epoch) for epoch in (0, 9)], [as_if_new(1, epoch) for epoch in (0, 9)])


@pytest.mark.parametrize(
    "begin",
    [
        lambda data: next(iter(SMOTESampler(data))),
        lambda data: next(iter(TensorLoader(data, 8))),
        lambda data: next(iter(DistributedSMOTESampler(data, 2, 1))),
        lambda data: next(iter(BalancedBatchSampler(data, 8))),
    ],
    ids=["sampler", "loader", "distributed", "balanced"],
)
def test_an_epoch_that_has_begun_keeps_its_neighbors(begin):
    data = tensors()
    begin(data)
    with pytest.raises(ValueError, match=r"`epoch`=0 has begun.*from epoch 1 on"):
        data.refresh(features(0), epoch=0)
    data.refresh(features(0))
    assert same([rows_of(data, 0), rows_of(data, 1)], [rows_of(tensors(), 0), as_if_new(0, 1)])


def test_set_epoch_starts_over():
    data = tensors()
    list(SMOTESampler(data))
    data.set_epoch(0)
    data.refresh(features(0), epoch=0)
    assert same([rows_of(data, 0)], [as_if_new(0, 0)])


def test_batches_made_ahead_of_a_refresh_are_not_served_after_it():
    data, other = tensors(), tensors(features=features(0))
    batches = iter(load(data, SMOTESampler(data, seed=1), 0))
    next(batches)
    data.set_epoch(0)
    data.refresh(features(0), epoch=0)
    assert same(list(batches), list(load(other, SMOTESampler(other, seed=1), 0))[1:])


def test_a_loader_that_makes_whole_batches_follows():
    data = tensors()
    loader = TensorLoader(data, BATCH, seed=3)
    got = [list(loader)]
    data.refresh(features(0))
    got.append(list(loader))
    other = TensorLoader(tensors(features=features(0)), BATCH, seed=3)
    other.set_epoch(1)
    assert same(got, [list(TensorLoader(tensors(), BATCH, seed=3)), list(other)])


def voted(**given):
    return SMOTEDataset(TensorDataset(X, CODES, Y), SMOTE(k_neighbors=3), categorical=[1], targets=Y, **given)


def ruled(**given):
    return SMOTEDataset(TensorDataset(X, Y), LeeSMOTE(k_neighbors=3), **given)


def items(**given):
    return SMOTEDataset(Items("dict"), SMOTE(k_neighbors=3), **given)


@pytest.mark.parametrize("make", [voted, ruled, items])
def test_batches_of_both_sides_of_a_refresh(make):
    data = make()
    length = len(data)
    data.refresh(features(0), epoch=2)
    sides = [make(), make(), make(features=features(0))]
    wanted = [length - 1, 2 * length + N, length + N, 3 * length - 1, 2, N + 3]
    want = [sides[index // length].__getitems__([index]) for index in wanted]
    assert same(list(map(list, data.__getitems__(wanted))), [list(one[0]) for one in want])


@pytest.mark.parametrize("epochs", [[0], [3, 1], [2, 2], [2, 2, 5]])
@settings(max_examples=10)
@given(st.lists(st.integers(0, 7), min_size=1, max_size=6))
def test_what_any_order_of_refreshes_leaves(epochs, read):
    data = tensors()
    holds = dict.fromkeys(range(8), None)  # epoch -> the features behind it, as a slow reference
    starts = [0]
    for seed, epoch in enumerate(epochs):
        data.refresh(features(seed), epoch=epoch)
        holds.update(dict.fromkeys(range(epoch, 8), seed))
        starts = [*(start for start in starts if start < epoch), epoch][-2:]
    for epoch in read:
        if epoch < starts[0]:
            with pytest.raises(ValueError, match=f"from epoch {starts[0]} on"):
                rows_of(data, epoch)
        else:
            seed = holds[epoch]
            want = rows_of(tensors(), epoch) if seed is None else as_if_new(seed, epoch)
            assert same([rows_of(data, epoch)], [want])


def test_counts_that_change_are_refused_and_all_stays():
    data = SMOTEDataset(TensorDataset(X, Y), ADASYN(n_neighbors=3))
    list(SMOTESampler(data))
    before, resampler = rows_of(data, 1), data.resampler
    other = next(s for s in range(99) if data.search(features(s)).drawer.recipe.n_new != data.recipe.n_new)
    with pytest.raises(ValueError, match=f"ADASYN.*{data.n_synthetic}.*indices count by that"):
        data.refresh(features(other))
    assert same([rows_of(data, 1)], [before])
    assert data.resampler is resampler
    fresh = SMOTEDataset(TensorDataset(X, Y), ADASYN(n_neighbors=3))
    fresh.refresh(features(other))  # before any epoch
    assert len(fresh) == len(
        SMOTEDataset(TensorDataset(X, Y), ADASYN(n_neighbors=3), features=features(other))
    )


def test_an_encoder_may_be_given():
    encoder = torch.nn.Flatten()
    data = items()
    data.refresh(encoder)
    other = items()
    other.refresh(lambda item: item["x"])
    assert same([rows_of(data, 0)], [rows_of(other, 0)])
    assert same([rows_of(data, 0)], [rows_of(items(), 0)])


@pytest.mark.parametrize(
    "what",
    [features(0)[:-1], features(0).long(), None, "pixels", lambda item: "pixels"],
    ids=["short", "whole", "none", "text", "texts"],
)
def test_features_that_do_not_fit(what):
    data = tensors()
    with pytest.raises((ValueError, TypeError), match="features"):
        data.refresh(what)
    assert same([rows_of(data, 0)], [rows_of(tensors(), 0)])


# Worker processes


def train(make, workers=0, **given):
    """Six epochs; the second and the fourth are followed by a refresh, the third interrupted by one."""
    data = make()
    sampler = SMOTESampler(data, seed=1)
    loader = load(data, sampler, workers, **given)
    epochs = []
    for epoch in range(6):
        batches = []
        for number, batch in enumerate(loader):
            batches.append(batch)
            if epoch == 2 and number == 3:
                data.refresh(features(7))  # the workers are some batches ahead
        if epoch in (1, 3):
            data.refresh(features(epoch))
        epochs.append(batches)
    return epochs


@pytest.fixture(scope="module")
def wanted():
    return {make: train(make) for make in (tensors, ruled, items)}


@pytest.mark.parametrize("make", [tensors, ruled, items])
@pytest.mark.parametrize(("workers", "persistent"), [(2, True), (1, False)])
def test_workers_that_live_on_see_it(make, workers, persistent, wanted):
    given = {"persistent_workers": persistent, "prefetch_factor": 3, "multiprocessing_context": "fork"}
    assert same(train(make, workers, **given), wanted[make])


def test_spawned_workers_see_it(wanted):
    given = {"persistent_workers": True, "multiprocessing_context": "spawn"}
    assert same(train(tensors, 1, **given), wanted[tensors])


def test_what_a_refresh_changes_is_what_it_should(wanted):
    first = tensors()
    expected = [first, first, tensors(features=features(1)), tensors(features=features(7))]
    expected += [tensors(features=features(3))] * 2
    for epoch, (data, batches) in enumerate(zip(expected, wanted[tensors], strict=True)):
        sampler = SMOTESampler(data, seed=1)
        sampler.set_epoch(epoch)
        assert same(list(load(data, sampler, 0)), batches)


def test_a_worker_that_slept_through_two_refreshes():
    data = tensors()
    asleep = pickle.loads(pickle.dumps(data))
    assert asleep.epoch == 0
    # What a DataLoader sends to a worker process shares memory; a plain pickle does not, so it is tied here.
    asleep.planner.generations._file = shared_file.SharedFile(
        (data.planner.generations._file._name, data.planner.generations._file._folder, 0)
    )
    data.refresh(features(0), epoch=4)
    data.refresh(features(1), epoch=6)
    assert same([rows_of(asleep, 5), rows_of(asleep, 6)], [as_if_new(0, 5), as_if_new(1, 6)])


def test_a_worker_that_looks_while_the_file_is_replaced(monkeypatch):
    file = shared_file.SharedFile()
    other = shared_file.SharedFile((file._name, file._folder, 0))
    load = torch.load

    def late(path, **given):
        monkeypatch.setattr(torch, "load", load)
        file.put("second")
        return load(path, **given)

    file.put("first")
    monkeypatch.setattr(torch, "load", late)
    assert (other.news(), other.news()) == ("second", None)


def test_a_deep_copy_goes_its_own_way():
    data = tensors()
    other = copy.deepcopy(data)
    data.refresh(features(0))
    assert same([rows_of(other, 0)], [rows_of(tensors(), 0)])
    other.refresh(features(1))
    assert same([rows_of(data, 0), rows_of(other, 0)], [as_if_new(0, 0), as_if_new(1, 0)])


def rank(data, seed, said):
    """A process that is started with the dataset, as ranks are, and trains by itself."""
    data.set_epoch(data.epoch + seed)
    data.refresh(features(seed), epoch=7)
    loader = load(data, [8 * len(data) + N], 1, multiprocessing_context="fork")
    said.put((data.epoch, numbers(rows_of(data, 7)), numbers(next(iter(loader)))))


def numbers(tensors):
    return [tensor.tolist() for tensor in tensors]


@pytest.mark.parametrize("refreshed", [False, True])
def test_ranks_that_start_with_the_dataset_go_their_own_way(refreshed, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    data = tensors()
    data.set_epoch(3)
    if refreshed:
        data.refresh(features(0), epoch=6)
    before = rows_of(data, 7)
    context = multiprocessing.get_context("fork")
    for seed in (1, 2):
        said = context.SimpleQueue()
        process = context.Process(target=rank, args=(data, seed, said))
        process.start()
        epoch, rows, batch = said.get()
        process.join()
        fresh = tensors(features=features(seed))
        wanted = next(iter(load(fresh, [8 * len(fresh) + N], 0)))
        assert (epoch, rows, batch) == (3 + seed, numbers(rows_of(fresh, 7)), numbers(wanted))
    assert data.epoch == 3
    own = Path(data.planner.generations._file._folder)
    assert list(tmp_path.glob("torchsmote-*")) == [own] * refreshed  # and nothing of the ranks
    assert same([rows_of(data, 7)], [before])
    data.refresh(features(5), epoch=8)  # what the ranks left behind does not matter
    assert same([rows_of(data, 8)], [as_if_new(5, 8)])


def test_the_epoch_in_progress_keeps_its_neighbors_however_many_refreshes_wait():
    data = tensors()
    list(SMOTESampler(data))
    for epoch in (1, 2, 3):
        data.refresh(features(epoch), epoch=epoch)
    assert same([rows_of(data, epoch) for epoch in (0, 3)], [rows_of(tensors(), 0), as_if_new(3, 3)])
    data.set_epoch(3)
    data.refresh(features(4), epoch=4)
    with pytest.raises(ValueError, match="from epoch 3 on"):
        rows_of(data, 2)


def test_files_do_not_pile_up_and_go_with_the_dataset():
    data = tensors()
    folder = Path(data.planner.generations._file._folder)
    assert not folder.exists()
    for seed in range(5):
        data.refresh(features(seed))
    assert len(list(folder.iterdir())) <= 2
    del data
    gc.collect()
    assert not folder.exists()


def test_a_full_disk_leaves_the_old_neighbors(monkeypatch):
    def full(thing, path):
        Path(path).write_bytes(b"half")
        raise RuntimeError("[enforce fail at inline_container.cc] . file write failed")

    data = tensors()
    data.refresh(features(0))
    folder = Path(data.planner.generations._file._folder)
    monkeypatch.setattr(shared_file.torch, "save", full)
    with pytest.raises(OSError, match="could not be written"):
        data.refresh(features(1))
    assert same([rows_of(data, 0)], [as_if_new(0, 0)])
    assert len(list(folder.iterdir())) == 1


def test_soft_labels_follow():
    data = tensors(soft_labels=True, num_classes=2)
    data.refresh(features(0))
    labels = torch.stack([data[row][1] for row in range(N, N + RARE)])
    assert torch.allclose(labels.sum(1), torch.ones(RARE))
