"""What goes wrong in the middle of an epoch, and that the rest of it comes after a resume."""

from __future__ import annotations

import os
import signal
import time
import traceback
from contextlib import suppress

import pytest
import torch
from loop_data import Items, same, tensors
from torch.utils.data import DataLoader, get_worker_info

from torchsmote import SMOTE, BalancedBatchSampler, SMOTEDataset, SMOTESampler, TensorLoader

BATCH = 8
SEEN = 4  # batches that come through before the fault
pytestmark = pytest.mark.filterwarnings("ignore:This DataLoader will create")


class Faulty(Items):
    """A dataset that meets a fault when it reads a certain item, while ``armed``."""

    def __init__(self, fault=None):
        super().__init__()
        self.fault = fault
        self.item = -1

    def __getitem__(self, index):
        if index == self.item:
            self.fault()
        return super().__getitem__(index)


def kill_the_worker():
    assert get_worker_info() is not None, "this would be the tests' own process"
    os.kill(os.getpid(), signal.SIGKILL)


def interrupt():
    signal.raise_signal(signal.SIGINT)  # what Ctrl-C does


def fail():
    raise OSError("a file of the dataset is broken")


def build(workers, balanced, data=None):
    data = SMOTEDataset(Faulty(), SMOTE(k_neighbors=3)) if data is None else data
    sampler = BalancedBatchSampler(data, BATCH) if balanced else SMOTESampler(data)
    how = {"batch_sampler": sampler} if balanced else {"sampler": sampler, "batch_size": BATCH}
    loader = DataLoader(
        data,
        num_workers=workers,
        multiprocessing_context="fork" if workers else None,
        generator=torch.Generator().manual_seed(0),
        **how,
    )
    return sampler, loader


def armed(fault, balanced):
    """A dataset whose fault lies in a batch after those that come through: at a real row of it."""
    data = SMOTEDataset(Faulty(fault), SMOTE(k_neighbors=3))
    sampler, _ = build(0, balanced, data)
    rows = list(sampler)
    batches = rows if balanced else [rows[first : first + BATCH] for first in range(0, len(rows), BATCH)]
    before = {base for batch in batches[:SEEN] for base in read(data, batch)}
    data.dataset.item = next(
        row for batch in batches[SEEN:] for row in batch if row < 60 and row not in before
    )
    return data, next(
        number for number, batch in enumerate(batches) if data.dataset.item in read(data, batch)
    )


def read(data, batch):
    """Items that a batch reads."""
    where = data.provenance(batch)
    return set(where.base.tolist()) | set(where.neighbor.tolist())


def read_until_it_breaks(loader, after_some=None):
    """Batches that came, and the type and text of the error."""
    got, met = [], None
    try:
        for batch in loader:
            got.append(batch)
            if len(got) == SEEN and after_some is not None:
                after_some()
    except BaseException as error:
        met = type(error), str(error)
        if isinstance(error, (EOFError, ConnectionError)):  # a worker is gone, and torch has not heard of it
            with suppress(RuntimeError):  # raised here, in the midst of the sleep
                time.sleep(10)
        traceback.clear_frames(error.__traceback__)  # else a cycle keeps the iterator, and so its workers
    assert met is not None, "nothing broke"
    return got, met


@pytest.mark.parametrize("balanced", [False, True])
@pytest.mark.parametrize(
    ("fault", "workers", "error", "facts"),
    [
        (kill_the_worker, 2, (RuntimeError, OSError, EOFError), ""),
        (fail, 2, OSError, "a file of the dataset is broken"),
        (fail, 0, OSError, "a file of the dataset is broken"),
        (interrupt, 0, KeyboardInterrupt, ""),
    ],
    ids=["killed worker", "error in a worker", "error", "interrupt"],
)
def test_a_fault_in_the_dataset(fault, workers, error, facts, balanced):
    _, whole = build(0, balanced)
    want = list(whole)
    data, at = armed(fault, balanced)
    sampler, loader = build(workers, balanced, data)
    got, met = read_until_it_breaks(loader)
    assert issubclass(met[0], error)
    assert facts in met[1]
    assert (0 if workers else SEEN) <= len(got) <= at  # a worker is some batches ahead of what came through
    assert same(got, want[: len(got)])

    state = sampler.state_dict(consumed=len(got) * BATCH)
    for others in (0, 1):
        resumed, rest = build(others, balanced)
        resumed.load_state_dict(state)
        assert same(list(rest), want[len(got) :])


@pytest.mark.parametrize("kind", ["rows", "batches", "tensors"])
def test_an_interrupt_in_a_step(kind):
    """Between two batches the state counts what was handed out, and that is what was seen."""

    def start():
        if kind == "tensors":
            loader = TensorLoader(tensors(), BATCH)
            return loader, loader
        return build(0, kind == "batches")

    want = list(start()[1])
    stream, loader = start()
    got, met = read_until_it_breaks(loader, interrupt)
    assert met[0] is KeyboardInterrupt
    resumed, rest = start()
    resumed.load_state_dict(stream.state_dict())
    assert same(got + list(rest), want)


def test_the_same_stream_goes_on_after_an_interrupt():
    """An epoch that was broken off is over; loading the state into the same sampler takes it up again."""
    sampler, loader = build(0, False)
    want = [list(loader), list(loader)]
    sampler.set_epoch(0)
    got, met = read_until_it_breaks(loader, interrupt)
    assert met[0] is KeyboardInterrupt
    state = sampler.state_dict()
    sampler.load_state_dict(state)
    assert same([got + list(loader), list(loader)], want)
