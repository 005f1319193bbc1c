"""BalancedBatchSampler: shares of classes in every batch, real rows once an epoch, ranks, and resuming."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.data import (
    BatchSampler,
    DataLoader,
    RandomSampler,
    SequentialSampler,
    TensorDataset,
    WeightedRandomSampler,
)
from torch.utils.data.distributed import DistributedSampler

from torchsmote import SMOTE, BalancedBatchSampler, DataWarning, DistributedSMOTESampler, SMOTEDataset
from torchsmote.data import balanced as balanced_module
from torchsmote.data.quotas import Quotas

COUNTS = (50, 20, 6)
CLASSES = ["common", "scarce", "very rare"]


def dataset(**given):
    """76 rows; by default 94 synthetic ones. Labels are text."""
    generator = torch.Generator().manual_seed(0)
    codes = torch.repeat_interleave(torch.arange(3), torch.tensor(COUNTS))
    X = torch.randn(len(codes), 3, generator=generator)
    given = {"sampling_strategy": "auto", **given}
    return SMOTEDataset(
        TensorDataset(X, codes), SMOTE(k_neighbors=3, **given), targets=np.array(CLASSES)[codes]
    )


DATA = dataset()
LENGTH = len(DATA)


def batches(count=1, batch_size=8, data=DATA, **given):
    sampler = BalancedBatchSampler(data, batch_size, **given)
    epochs = [list(sampler) for _ in range(count)]
    return epochs[0] if count == 1 else epochs


def held(batch, data=DATA):
    """How many of each class a batch holds."""
    labels = data.targets[np.asarray(batch) % len(data)]
    return [int((labels == label).sum()) for label in CLASSES]


@given(
    weights=st.lists(st.floats(0.001, 1), min_size=1, max_size=30),
    batch_size=st.integers(1, 40),
    alike=st.booleans(),
)
def test_quotas_are_exact_after_any_number_of_batches(weights, batch_size, alike):
    shares = np.ones(len(weights)) if alike else np.asarray(weights)
    shares /= shares.sum()
    quotas, ahead = Quotas(shares, batch_size), Quotas(shares, batch_size)
    before = np.zeros(len(shares), dtype=np.int64)
    for batch in range(1, 40):
        after, due = quotas.before(batch), shares * (batch * batch_size)
        assert after.sum() == batch * batch_size
        assert (after >= before).all()
        assert (np.abs(after - due) < 1 + 1e-6).all()
        assert (after >= quotas.least(batch)).all()
        before = after
    assert (ahead.before(39) == before).all()
    assert (quotas.before(7) == ahead.before(7)).all()  # back again


@pytest.mark.parametrize(
    ("shares", "want"),
    [
        (None, [4, 4, 4]),
        ({"very rare": 0.5, "scarce": 0.25, "common": 0.25}, [3, 3, 6]),
        ([0.5, 0.25, 0.25], [6, 3, 3]),
        (torch.tensor([0.5, 0.25, 0.25]), [6, 3, 3]),
        (pd.Series({"very rare": 0.5, "scarce": 0.25, "common": 0.25}), [3, 3, 6]),
    ],
)
def test_every_batch_holds_the_shares(shares, want):
    for epoch in batches(2, 12, shares=shares):
        assert [held(batch) for batch in epoch] == [want] * len(epoch)


def test_shares_that_do_not_divide_a_batch_are_exact_over_several():
    epoch = batches(batch_size=7)
    each = np.array([held(batch) for batch in epoch])
    assert set(each.ravel()) == {2, 3}
    assert each[:3].sum(0).tolist() == [7, 7, 7]


@pytest.mark.parametrize("batch_size", [5, 8, 12, 60])
@pytest.mark.parametrize("shares", [None, [0.6, 0.3, 0.1], [0.1, 0.1, 0.8]])
def test_an_epoch_has_every_real_row_and_fills_with_synthetic_ones(shares, batch_size):
    for number, epoch in enumerate(batches(2, batch_size, shares=shares)):
        rows = np.concatenate(epoch) - number * LENGTH
        assert ((rows >= 0) & (rows < LENGTH)).all()
        counts, labels = np.bincount(rows, minlength=LENGTH), DATA.targets
        assert (counts[:76][labels[:76] != "common"] == 1).all()
        assert counts[:76].min() == 1  # what is common has no synthetic rows: some come again
        for label in CLASSES[1:]:  # synthetic rows take turns
            made = counts[76:][labels[76:] == label]
            assert made.max() - made.min() <= 1
        shortest = max(n / share for n, share in zip(COUNTS, shares or [1 / 3] * 3, strict=True))
        assert len(epoch) == -(-shortest // batch_size)


def test_epochs_and_seeds_differ_and_rows_are_spread():
    first, second = batches(2)
    assert {i % LENGTH for i in first[0]} != {i % LENGTH for i in second[0]}
    assert batches(seed=1) != first == batches()
    halves = [np.concatenate(half) for half in (first[: len(first) // 2], first[len(first) // 2 :])]
    for half in halves:  # no half of the epoch is without real rows of the rarest class
        assert ((half < 76) & (DATA.targets[half] == "very rare")).any()
    runs = [labels[1:] != labels[:-1] for labels in DATA.targets[np.array(first)]]
    assert max(changes.sum() for changes in runs) > 2  # nor are the three classes in order in a batch


def test_where_not_all_synthetic_rows_are_needed_other_ones_come_each_epoch():
    chosen = [
        {row for row in np.concatenate(epoch) % LENGTH if row >= 76}
        for epoch in batches(2, shares=[0.6, 0.3, 0.1])
    ]
    assert chosen[0] != chosen[1]


def test_it_makes_the_batches_of_a_loader():
    sampler = BalancedBatchSampler(DATA, 12)
    assert isinstance(sampler, BatchSampler)
    assert (sampler.batch_size, sampler.drop_last, len(sampler)) == (12, False, 13)
    loader = DataLoader(DATA, batch_sampler=sampler, generator=torch.Generator().manual_seed(0))
    for epoch in batches(2, 12):
        for (x, y), indices in zip(loader, epoch, strict=True):
            assert torch.equal(x, torch.stack([DATA[index][0] for index in indices]))
            assert y.bincount().tolist() == [4, 4, 4]


@pytest.mark.parametrize("drop_last", [False, True])
@pytest.mark.parametrize("kind", [DistributedSampler, DistributedSMOTESampler])
@pytest.mark.filterwarnings("ignore:BalancedBatchSampler. an epoch leaves out")
def test_the_ranks_share_whole_batches(kind, drop_last):
    one = batches(drop_last=drop_last)
    hands = [batches(drop_last=drop_last, sampler=kind(DATA, 4, rank)) for rank in range(4)]
    turns = len(one) // 4 if drop_last else -(-len(one) // 4)
    assert {len(hand) for hand in hands} == {turns}
    dealt = [batch for turn in zip(*hands, strict=True) for batch in turn]
    assert dealt == (one + one)[: 4 * turns]
    if not drop_last:
        assert set(map(tuple, dealt)) == set(map(tuple, one))


@pytest.mark.parametrize("stop", [0, 1, 3])
@pytest.mark.parametrize("world", [1, 2, 3])
def test_resume_mid_epoch_with_other_ranks(stop, world, monkeypatch):
    monkeypatch.setattr(balanced_module, "_CHUNK", 16)
    first, second = batches(2, 7)
    samplers = [
        BalancedBatchSampler(DATA, 7, sampler=DistributedSMOTESampler(DATA, 2, rank)) for rank in (0, 1)
    ]
    for sampler in samplers:
        list(islice(sampler, stop))
    state = samplers[0].state_dict()
    assert state == samplers[1].state_dict() == samplers[0].state_dict(consumed=2 * stop * 7)
    hands = []
    for rank in range(world):
        sampler = BalancedBatchSampler(DATA, 7, sampler=DistributedSMOTESampler(DATA, world, rank))
        sampler.load_state_dict(state)
        hands.append([list(sampler), list(sampler)])
    rest, after = (
        [b for turn in zip(*epoch, strict=True) for b in turn] for epoch in zip(*hands, strict=True)
    )
    left = first[2 * stop :]
    assert rest == left + first[: len(rest) - len(left)]
    assert after[: len(second)] == second


def test_epochs_set_on_the_sampler_count_as_trainers_expect():
    epochs = batches(3)
    inner = DistributedSampler(DATA, 1, 0)
    sampler = BalancedBatchSampler(DATA, 8, sampler=inner)
    inner.set_epoch(2)
    assert list(sampler) == epochs[2]
    inner.set_epoch(0)
    assert list(sampler) == epochs[0]
    assert list(sampler) == epochs[1]  # nobody said anything: the next one
    sampler.set_epoch(0)
    assert list(sampler) == epochs[0]

    list(islice(sampler, 2))
    state = sampler.state_dict()
    resumed = BalancedBatchSampler(DATA, 8)
    resumed.load_state_dict(state)
    resumed.sampler.set_epoch(1)  # the epoch it stopped in
    assert list(resumed) == epochs[1][2:]


@pytest.mark.parametrize("kind", [SequentialSampler, RandomSampler])
def test_the_order_of_plain_samplers_is_not_used(kind):
    assert batches(sampler=kind(DATA)) == batches()


def test_drop_last_says_what_it_leaves_out():
    with pytest.warns(DataWarning, match=r"leaves out real rows, of each class up to {'common': 2}"):
        sampler = BalancedBatchSampler(DATA, 12, drop_last=True)
    assert sampler.left_out == {"common": 2}
    epoch = list(sampler)
    counts = np.bincount(np.concatenate(epoch), minlength=LENGTH)[:76]
    assert counts.max() == 1
    assert (counts == 0).sum() == 2
    assert [held(batch) for batch in epoch] == [[4, 4, 4]] * 12
    after = np.bincount(np.concatenate(list(sampler)) - LENGTH, minlength=LENGTH)[:76]
    assert (counts != after).any()  # the turn of others
    assert BalancedBatchSampler(DATA, 12).left_out == {}


@pytest.mark.filterwarnings("ignore:BalancedBatchSampler. an epoch leaves out")
def test_what_would_not_give_each_rank_a_batch_is_dropped_on_a_resume_too():
    one = BalancedBatchSampler(DATA, 8, drop_last=True)  # 18 batches
    want = [list(one), list(one)]
    given = {"drop_last": True, "sampler": DistributedSMOTESampler(DATA, 4, 1)}
    for stop, epoch in ((14, want[0][14:]), (15, want[1])):
        sampler = BalancedBatchSampler(DATA, 8, **given)
        one.set_epoch(0)
        list(islice(one, stop))
        sampler.load_state_dict(one.state_dict())
        assert list(sampler) == epoch[1::4][: len(epoch) // 4]


def test_a_share_of_zero_leaves_its_class_out_and_says_so():
    with pytest.warns(DataWarning, match="'common': 50"):
        epoch = batches(shares={"common": 0, "scarce": 0.5, "very rare": 0.5})
    assert [held(batch) for batch in epoch] == [[0, 4, 4]] * 5


def test_classes_that_get_no_synthetic_rows_repeat_real_ones():
    data = dataset(sampling_strategy={"scarce": 30})
    epoch = np.concatenate(batches(data=data, batch_size=6))
    counts = np.bincount(epoch, minlength=len(data))
    rare = counts[:76][data.targets[:76] == "very rare"]
    assert rare.sum() == 50
    assert rare.max() - rare.min() <= 1


@pytest.mark.parametrize(
    ("given", "error", "facts"),
    [
        ({"batch_size": 0}, ValueError, "`batch_size` must be at least 1, got 0"),
        ({"batch_size": 2.5}, TypeError, "`batch_size` must be an int, got float"),
        ({"batch_size": 500, "drop_last": True}, ValueError, "`batch_size`=500 is more than the 150 rows"),
        ({"shares": {"common": 1}}, ValueError, "`shares`: 'scarce' is missing"),
        ({"shares": {"common": 0.5, "none": 0.5}}, ValueError, "`shares`: 'none' is no class"),
        ({"shares": [0.5, 0.5]}, ValueError, "one for each of the 3 classes, got 2"),
        ({"shares": [0.5, 0.5, 0.5]}, ValueError, "sum to 1"),
        ({"shares": [1.5, -0.25, -0.25]}, ValueError, "at least 0"),
        ({"shares": [float("nan"), 0.5, 0.5]}, ValueError, "at least 0"),
        ({"shares": "equal"}, TypeError, "`shares` must be a dict or a sequence"),
        ({"shares": 0.5}, TypeError, "`shares` must be a dict or a sequence"),
        ({"shares": {0.5, 0.2, 0.3}}, TypeError, "`shares` must be a dict or a sequence"),
        ({"shares": ["a", "b", "c"]}, TypeError, "`shares` must hold numbers"),
        ({"seed": -1}, ValueError, "`seed`"),
        ({"sampler": DistributedSampler(DATA, 30, 0)}, ValueError, "more than the 19 batches"),
        ({"sampler": WeightedRandomSampler([1.0], 1)}, TypeError, "`sampler`.*WeightedRandomSampler"),
        ({"dataset": [1, 2]}, TypeError, "`dataset` must be a SMOTEDataset, got list"),
    ],
)
def test_bad_arguments(given, error, facts):
    with pytest.raises(error, match=facts):
        BalancedBatchSampler(**{"dataset": DATA, "batch_size": 8, **given})


def test_consumed_rows_are_those_of_whole_batches():
    sampler = BalancedBatchSampler(DATA, 8, sampler=DistributedSMOTESampler(DATA, 2, 0))
    assert len(sampler) == 10  # of 19 batches: the last turn repeats one
    assert sampler.state_dict(consumed=10 * 8 * 2)["position"] == 19 * 8
    with pytest.raises(ValueError, match=r"multiple of `batch_size`=8.*got 12"):
        sampler.state_dict(consumed=12)


@pytest.mark.parametrize(
    ("changed", "facts"),
    [({"batch_size": 6}, "batch_size=8"), ({"seed": 1}, "seed=0"), ({"shares": [0.5, 0.3, 0.2]}, "0.3333")],
)
def test_states_of_other_batches_are_refused(changed, facts):
    state = BalancedBatchSampler(DATA, 8).state_dict()
    other = BalancedBatchSampler(DATA, **{"batch_size": 8, **changed})
    state["length"] = other.state_dict()["length"]  # the length differs too, mostly
    with pytest.raises(ValueError, match=facts):
        other.load_state_dict(state)


def test_a_dataset_that_changes_is_refused(monkeypatch):
    data = dataset()
    sampler = BalancedBatchSampler(data, 8)
    data.refresh(torch.randn(76, 3, generator=torch.Generator().manual_seed(1)))
    assert len(list(sampler)) == len(sampler)  # other neighbors, the same rows
    monkeypatch.setattr(type(data), "fingerprint", {**data.fingerprint, "n_new": "[0, 1, 2]"})
    with pytest.raises(ValueError, match=r"has changed .*\[0, 1, 2\]"):
        list(sampler)


@pytest.mark.parametrize("rows", [7, 8])
def test_accelerate_shards_the_batches(rows):
    """It deals batches out itself; the sampler knows nothing of ranks."""
    shards = pytest.importorskip("accelerate.data_loader")
    made = []
    for rank in range(2):
        loader = DataLoader(
            DATA, batch_sampler=BalancedBatchSampler(DATA, rows), generator=torch.Generator().manual_seed(0)
        )
        own = shards.prepare_data_loader(loader, num_processes=2, process_index=rank, put_on_device=False)
        made.append([[x for x, _ in own] for _ in range(2)])
    for number, epoch in enumerate(batches(2, rows)):
        dealt = [batch for turn in zip(made[0][number], made[1][number], strict=True) for batch in turn]
        want = [torch.stack([DATA[index][0] for index in batch]) for batch in epoch]
        assert all(torch.equal(*pair) for pair in zip(dealt, want, strict=False))
        assert len(want) <= len(dealt) <= len(want) + 1


@pytest.mark.filterwarnings("ignore:'set_vital' is deprecated")  # torchdata 0.11 walks over torch's names
@pytest.mark.parametrize("stop", [3, 19])
def test_torchdata_keeps_the_state_of_each_batch(stop):
    stateful = pytest.importorskip("torchdata.stateful_dataloader")

    def build():
        return stateful.StatefulDataLoader(
            DATA, batch_sampler=BalancedBatchSampler(DATA, 8), generator=torch.Generator().manual_seed(0)
        )

    loader, resumed = build(), build()
    reader = iter(loader)
    list(islice(reader, stop))
    resumed.load_state_dict(loader.state_dict())
    for left, again in ((list(reader), list(resumed)), (list(loader), list(resumed))):
        assert len(left) == len(again)
        assert all(torch.equal(one[0], other[0]) for one, other in zip(left, again, strict=True))
