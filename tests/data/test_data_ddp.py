"""Training by any number of ranks and workers reads the same epochs, also after a rank was killed."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
import torch
from loop_data import N, same, tensors
from processes import run_ranks
from torch import distributed, nn
from torch.multiprocessing import ProcessExitedException, ProcessRaisedException
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader

from torchsmote import BalancedBatchSampler, DistributedSMOTESampler, SMOTESampler
from torchsmote.whole_files import replacing

STEP = 8  # rows of a step, on all ranks together
EPOCHS = 3
STOP = 5  # steps of the epoch in which a run is broken off
LOADERS = [(0, False), (2, False), (2, True)]  # torch keeps no workers alive where there are none
# Two workers on a machine of two cores are what is to be tested.
pytestmark = pytest.mark.filterwarnings("ignore:This DataLoader will create")


class Run:
    """A table, its loader and a small network, on this rank or alone."""

    def __init__(self, workers=0, persistent=False, state=None, balanced=False, wrap=True):
        self.world = distributed.get_world_size() if distributed.is_initialized() else 1
        data, batch = tensors(), STEP // self.world
        if self.world > 1:
            ranked = DistributedSMOTESampler(data, seed=1)
        else:
            ranked = None if balanced else SMOTESampler(data, seed=1)
        self.sampler = BalancedBatchSampler(data, batch, seed=1, sampler=ranked) if balanced else ranked
        if state is not None:
            self.sampler.load_state_dict(state)
        how = {"batch_sampler": self.sampler} if balanced else {"sampler": ranked, "batch_size": batch}
        self.loader = DataLoader(
            data,
            num_workers=workers,
            persistent_workers=persistent,
            multiprocessing_context="fork" if workers else None,
            generator=torch.Generator().manual_seed(0),
            **how,
        )
        layer = nn.utils.skip_init(nn.Linear, 4, 2)
        nn.init.zeros_(layer.weight)
        nn.init.zeros_(layer.bias)
        self.layer = layer
        self.model = DistributedDataParallel(layer) if self.world > 1 and wrap else layer
        self.optimizer = torch.optim.SGD(layer.parameters(), lr=0.5)

    def train(self, x, y):
        self.optimizer.zero_grad()
        nn.functional.cross_entropy(self.model(x), y).backward()
        self.optimizer.step()

    def epoch(self, stop=None):
        """The rows of one epoch, batch by batch, or of its first steps."""
        read = []
        for x, y in self.loader:
            self.train(x, y)
            read.append(x)
            if stop is not None and len(read) == stop:
                break
        return read


def everything(rank, from_one, from_crash):
    """All that is asked of the ranks, in one go: starting them takes seconds."""
    made = {}
    for workers, persistent in LOADERS:
        run = Run(workers, persistent)
        made[workers, persistent] = [run.epoch() for _ in range(EPOCHS)], run.layer.weight.detach().clone()
    stopped = Run(2)
    stopped.epoch()
    stopped.epoch(STOP)
    made["stopped"] = stopped.sampler.state_dict(consumed=STOP * STEP)
    for name, state in {"own": made["stopped"], "one": from_one, "crash": from_crash}.items():
        run = Run(2 * (name == "one"), state=state)
        made[name] = [run.epoch() for _ in range(2)]
    run = Run(2, balanced=True)
    made["balanced"] = [run.epoch() for _ in range(EPOCHS)]
    return made


def killed_at(rank, path):
    """A run that saves its state after each step, until one rank is gone."""
    run = Run(wrap=False)  # the first DistributedDataParallel of a process takes a second or two
    run.epoch()
    for step, (x, y) in enumerate(run.loader):
        if rank == 1 and step == STOP:
            os.kill(os.getpid(), signal.SIGKILL)
        run.train(x, y)
        distributed.all_reduce(run.layer.weight.data)
        if rank == 0:
            with replacing(path) as partial:
                torch.save(run.sampler.state_dict(), partial)
        distributed.barrier()  # else the other one could be killed, and this one ended, while it writes


@pytest.fixture(scope="module")
def crash(tmp_path_factory):
    """The last state that a run saved of which one rank was killed."""
    path = tmp_path_factory.mktemp("crash") / "state.pt"
    # Either the one that is killed is noticed first, or the other one, which misses it.
    with pytest.raises((ProcessExitedException, ProcessRaisedException)):
        run_ranks(killed_at, 2, path)
    assert [file.name for file in Path(path).parent.iterdir()] == ["state.pt"]
    return torch.load(path)


@pytest.fixture(scope="module")
def alone():
    """What one process without workers does."""
    run = Run()
    epochs, weight = [run.epoch() for _ in range(EPOCHS)], run.layer.weight.detach().clone()
    stopped = Run()
    stopped.epoch()
    stopped.epoch(STOP)
    return {"epochs": epochs, "weight": weight, "state": stopped.sampler.state_dict()}


@pytest.fixture(scope="module")
def ranks(alone, crash):
    return run_ranks(everything, 2, alone["state"], crash)


def together(hands):
    """The steps of several ranks as one process would read them: rows in turn."""
    return [torch.stack(parts, 1).flatten(0, 1) for parts in zip(*hands, strict=True)]


def keys(epoch):
    return [tuple(row) for row in torch.cat(epoch).tolist()]


@pytest.mark.parametrize(("workers", "persistent"), LOADERS)
def test_two_ranks_read_and_learn_what_one_does(workers, persistent, ranks, alone):
    made = [own[workers, persistent] for own in ranks]
    for number, want in enumerate(alone["epochs"]):
        hands = [epochs[number] for epochs, _ in made]
        assert same(together(hands), want)
        assert len(set(keys(hands[0])) & set(keys(hands[1]))) == 0
        assert len(set(keys(hands[0] + hands[1]))) == 96
    for _, weight in made:
        torch.testing.assert_close(weight, alone["weight"])


@pytest.mark.parametrize(("workers", "persistent"), LOADERS[1:])
def test_one_process_with_workers_reads_the_same(workers, persistent, alone):
    run = Run(workers, persistent)
    assert same([run.epoch() for _ in range(EPOCHS)], alone["epochs"])
    assert torch.equal(run.layer.weight, alone["weight"])


def test_synthetic_rows_are_fresh_in_every_epoch(alone):
    seen = [set(keys(epoch)) for epoch in alone["epochs"]]
    assert [len(rows) for rows in seen] == [96] * EPOCHS
    for first, second in [(0, 1), (0, 2), (1, 2)]:
        assert len(seen[first] & seen[second]) == N  # the real ones


@pytest.mark.parametrize("origin", ["own", "one", "crash"])
def test_two_ranks_go_on_from_any_state(origin, ranks, alone):
    """From their own with other workers, from one process's, and from that of a run whose rank was killed."""
    rest, after = (together([own[origin][number] for own in ranks]) for number in (0, 1))
    assert same(rest, alone["epochs"][1][STOP:])
    assert same(after, alone["epochs"][2])


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("origin", ["stopped", "crash"])
def test_one_process_goes_on_for_two_ranks(origin, workers, ranks, crash, alone):
    assert ranks[0]["stopped"] == ranks[1]["stopped"] == crash == alone["state"]
    run = Run(workers, state=crash if origin == "crash" else ranks[0]["stopped"])
    assert same([run.epoch(), run.epoch()], [alone["epochs"][1][STOP:], alone["epochs"][2]])


def test_balanced_batches_of_two_ranks_are_those_of_one(ranks):
    data = tensors()
    sampler = BalancedBatchSampler(data, STEP // 2, seed=1)
    for number in range(EPOCHS):
        steps = zip(*(own["balanced"][number] for own in ranks), strict=True)
        want = [torch.stack([data[index][0] for index in batch]) for batch in sampler]
        assert same([batch for step in steps for batch in step], want)
