"""The same rows for any number of worker processes, kept or not, forked or spawned; resuming among them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from loop_data import BATCH, Items, N, load, same, table, tensors
from torch.utils.data import DataLoader, Subset, TensorDataset

from torchsmote import SMOTE
from torchsmote.data import SMOTEDataset, SMOTESampler, TensorLoader

# Three workers on a machine of two cores are what is to be tested.
pytestmark = pytest.mark.filterwarnings("ignore:This DataLoader will create")


def epochs(data, n=2, workers=0, **given):
    loader = load(data, SMOTESampler(data), workers, **given)
    return [list(loader) for _ in range(n)]


def items():
    return SMOTEDataset(Items("dict"), SMOTE(k_neighbors=3))


@pytest.fixture(scope="module")
def wanted():
    return {make: epochs(make()) for make in (tensors, items)}


@pytest.mark.parametrize("make", [tensors, items])
@pytest.mark.parametrize(("workers", "persistent"), [(1, False), (3, False), (1, True), (3, True)])
def test_any_number_of_workers(make, workers, persistent, wanted):
    got = epochs(make(), workers=workers, persistent_workers=persistent)
    assert same(got, wanted[make])


def test_spawned_workers_that_live_on(wanted):
    got = epochs(tensors(), workers=1, persistent_workers=True, multiprocessing_context="spawn")
    assert same(got, wanted[tensors])


def test_tensors_that_were_sent_to_a_spawned_process_are_read_where_they_are():
    """Sending moves them into shared memory, here without a process; what they left is freed."""
    X, y = table()
    chosen = torch.arange(N)
    part = Subset(TensorDataset(X, y), chosen)
    data = SMOTEDataset(part, SMOTE(k_neighbors=3), targets=y, soft_labels=True, num_classes=2)
    (_, labels), *_ = TensorLoader(data, len(data), shuffle=False)
    for values in (X, y, chosen):
        values.share_memory_()
    assert not np.shares_memory(data.soft.codes, y.numpy())
    X.fill_(7.0)
    y.zero_()
    (rows, again), *_ = TensorLoader(data, len(data), shuffle=False)
    assert bool((rows == 7).all())
    assert torch.equal(again, labels)


def test_synthetic_rows_are_fresh_every_epoch(wanted):
    for first, second in wanted.values():
        rows = [
            torch.cat([(b["x"] if isinstance(b, dict) else b[0]) for b in epoch]) for epoch in (first, second)
        ]
        real = [{tuple(row) for row in epoch.tolist()} for epoch in rows]
        assert len(real[0] & real[1]) == N  # the real ones, and no other


def test_order_is_the_samplers():
    data, sampler = tensors(), SMOTESampler(tensors(), seed=4)
    loader = load(data, sampler)
    other = SMOTESampler(tensors(), seed=4)
    for _ in range(2):
        got = torch.cat([batch[0] for batch in loader])
        assert torch.equal(got, torch.stack([data[index][0] for index in other]))


@pytest.mark.parametrize(("before", "after"), [(0, 2), (2, 0), (1, 3)])
def test_resume_with_another_number_of_workers(before, after):
    data = tensors()
    sampler = SMOTESampler(data)
    loader = load(data, sampler, before)
    list(loader)
    going = iter(loader)
    for _ in range(5):
        next(going)
    state = sampler.state_dict(consumed=5 * BATCH)
    if before == 0:
        assert sampler.state_dict() == state
    else:
        assert sampler.state_dict() != state  # it was asked for batches ahead
    rest = list(going)

    again = tensors()
    resumed = SMOTESampler(again)
    resumed.load_state_dict(state)
    assert same(list(load(again, resumed, after)), rest)
    assert len(rest) == 7


@pytest.mark.parametrize("persistent", [False, True])
def test_set_epoch_reaches_workers_of_a_plain_loader(persistent):
    data, alone = tensors(), tensors()
    loader = load(data, workers=2, persistent_workers=persistent)
    for epoch in (0, 3):
        data.set_epoch(epoch)
        alone.set_epoch(epoch)
        assert same(list(loader), list(load(alone)))


def test_a_sampler_without_a_batch_size():
    data = tensors()
    loader = DataLoader(
        data,
        batch_size=None,
        sampler=SMOTESampler(data),
        num_workers=1,
        persistent_workers=True,
        multiprocessing_context="fork",
        generator=torch.Generator().manual_seed(0),
    )
    order = SMOTESampler(data)
    for _ in range(2):
        got = list(loader)
        want = [data[index] for index in order]
        assert all(torch.equal(a[0], b[0]) for a, b in zip(got, want, strict=True))


@pytest.mark.filterwarnings("ignore:'set_vital' is deprecated")  # torchdata 0.11 walks over torch's names
def test_states_survive_a_stateful_loader():
    stateful = pytest.importorskip("torchdata.stateful_dataloader")
    data = tensors()

    def build(workers):
        return stateful.StatefulDataLoader(
            data,
            BATCH,
            sampler=SMOTESampler(data),
            num_workers=workers,
            generator=torch.Generator().manual_seed(0),
        )

    for workers in (0, 2):
        loader = build(workers)
        going = iter(loader)
        for _ in range(5):
            next(going)
        state = loader.state_dict()
        rest = list(going)
        resumed = build(workers)
        resumed.load_state_dict(state)
        assert same(list(resumed), rest)
