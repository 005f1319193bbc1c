"""Samplers under Accelerate, in one and two processes: it shares their batches out itself."""

from __future__ import annotations

import pytest
import torch
from accelerate_runs import BATCH, CONFIGURATIONS, accelerator, epochs, loader, read, runs
from loop_data import N, same, tensors
from processes import run_ranks
from torch.utils.data import DataLoader

from torchsmote.data import BalancedBatchSampler, SMOTESampler

pytestmark = [
    pytest.mark.global_rng,  # Accelerate's
    pytest.mark.filterwarnings("ignore:This DataLoader will create"),
]
ROWS = 96


@pytest.fixture(scope="module")
def wanted():
    """Batches of a plain loop, by epoch."""
    return [read(batches) for batches in [loader(SMOTESampler(tensors()))] for _ in range(3)]


@pytest.fixture(scope="module")
def alone():
    return runs()


@pytest.fixture(scope="module")
def ranks():
    return run_ranks(runs, 2)


def rows(batches):
    return {tuple(row) for batch in batches for row in batch.tolist()}


def in_turn(parts):
    """Whole batches, one of each rank in turn."""
    return [batch for turn in zip(*parts, strict=True) for batch in turn]


@pytest.mark.parametrize("kind", [*CONFIGURATIONS, "workers", "unnamed"])
def test_one_process_reads_what_a_plain_loop_reads(kind, alone, wanted):
    assert same(alone[kind], wanted[:2])


@pytest.mark.parametrize("kind", [*CONFIGURATIONS, "workers", "unnamed"])
def test_two_ranks_read_the_epochs_of_one_process(kind, ranks, wanted):
    for epoch in (0, 1):
        parts = [found[kind][epoch] for found in ranks]
        if kind == "split":
            assert same([torch.cat(halves) for halves in zip(*parts, strict=True)], wanted[epoch])
        else:
            assert same(in_turn(parts), wanted[epoch])
        assert not rows(parts[0]) & rows(parts[1])


def test_two_ranks_read_balanced_batches(ranks, alone):
    for epoch in (0, 1):
        parts = [found["balanced"][epoch] for found in ranks]
        assert {(len(batch), int(batch[:, -1].sum())) for part in parts for batch in part} == {
            (BATCH, BATCH // 2)
        }
        assert same(in_turn(parts), alone["balanced"][epoch])
    plain = loader(BalancedBatchSampler(tensors(), BATCH))
    assert same(alone["balanced"], [read(plain), read(plain)])


def test_a_last_turn_that_is_not_full_repeats_the_first_rows_of_the_epoch(ranks, wanted):
    for epoch in (0, 1):
        parts = [found["padded"][epoch] for found in ranks]
        assert [[len(batch) for batch in part] for part in parts] == [[9] * 6] * 2
        order = torch.cat(wanted[epoch])
        assert torch.equal(torch.cat(in_turn(parts)), torch.cat((order, order[: 12 * 9 - ROWS])))


def test_a_share_of_a_rank_is_dealt_out_once_more_so_half_the_rows_are_lost(ranks):
    read_by = {kind: [rows(found[kind][0]) for found in ranks] for kind in ("dealt twice", "dealt once")}
    assert len(read_by["dealt once"][0] | read_by["dealt once"][1]) == ROWS
    assert len(read_by["dealt twice"][0] | read_by["dealt twice"][1]) == ROWS // 2  # docs/trainers.md warns


def test_skip_first_batches_resumes_in_the_middle_of_an_epoch(alone, ranks, wanted):
    assert same(alone["skipped"], [wanted[1][2:], wanted[2]])
    parts = [found["skipped"] for found in ranks]
    assert same(in_turn([part[0] for part in parts]), wanted[1][2 * 2 :])
    assert same(in_turn([part[1] for part in parts]), wanted[2])


@pytest.mark.filterwarnings("ignore:'set_vital' is deprecated")  # torchdata 0.11 walks over torch's names
@pytest.mark.filterwarnings("ignore:.*load_state.*weights_only")
def test_a_stateful_loader_resumes_by_accelerates_own_state(tmp_path, wanted):
    before = accelerator(use_stateful_dataloader=True)
    batches = before.prepare(loader(SMOTESampler(tensors())))
    epochs(batches, (0,))
    batches.set_epoch(1)
    for number, _ in enumerate(batches):
        if number == 4:
            before.save_state(tmp_path)
            break
    after = accelerator(use_stateful_dataloader=True)
    resumed = after.prepare(loader(SMOTESampler(tensors())))
    after.load_state(tmp_path)
    resumed.set_epoch(1)
    assert same(read(resumed), wanted[1][5:])
    assert same(epochs(resumed, (2,)), wanted[2:])


def test_a_plain_shuffling_loader_is_fresh_every_epoch_too():
    data = tensors()
    plain = DataLoader(data, BATCH, shuffle=True, generator=torch.Generator().manual_seed(0))
    first, second = epochs(accelerator().prepare(plain))
    assert len(rows(first)) == len(rows(second)) == ROWS
    assert len(rows(first) & rows(second)) == N  # Accelerate tells the dataset its epoch
