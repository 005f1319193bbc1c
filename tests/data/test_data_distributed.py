"""DistributedSMOTESampler: the ranks together read what one process reads, also after a resume."""

from __future__ import annotations

import pickle
from itertools import islice

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from loop_data import tensors
from torch.utils.data.distributed import DistributedSampler

from torchsmote import DistributedSMOTESampler, SMOTESampler
from torchsmote.data import samplers as samplers_module


class Counted:
    """A dataset of which only the length matters here."""

    n_synthetic = 0

    def __init__(self, length):
        self.length = length

    def __len__(self):
        return self.length


def ranks(world, data=None, **given):
    data = tensors() if data is None else data
    return [DistributedSMOTESampler(data, world, rank, **given) for rank in range(world)]


def dealt(hands):
    """What the ranks read, turn after turn."""
    assert len({len(hand) for hand in hands}) == 1, "a rank that has more rows than another waits for ever"
    return [index for turn in zip(*hands, strict=True) for index in turn]


@given(
    length=st.integers(1, 40),
    worlds=st.tuples(st.integers(1, 7), st.integers(1, 7)),
    stop=st.integers(0, 8),
    shuffle=st.booleans(),
    drop_last=st.booleans(),
)
@example(length=10, worlds=(1, 4), stop=8, shuffle=True, drop_last=True)  # too few are left for another turn
def test_the_ranks_read_the_epoch_of_one_process(length, worlds, stop, shuffle, drop_last):
    world, other = (min(count, length) for count in worlds)
    data, given = Counted(length), {"shuffle": shuffle, "seed": 5}
    one = SMOTESampler(data, **given)
    first, second = list(one), list(one)
    samplers = ranks(world, data, drop_last=drop_last, **given)
    readers = [iter(sampler) for sampler in samplers]
    begun = dealt([list(islice(reader, stop)) for reader in readers])
    states = [sampler.state_dict() for sampler in samplers]
    assert all(state == states[0] for state in states)
    whole = begun + dealt([list(reader) for reader in readers])
    turns = length // world if drop_last else -(-length // world)
    assert whole == (first + first)[: turns * world]
    assert len(samplers[0]) == turns

    resumed = ranks(other, data, drop_last=drop_last, **given)
    for sampler in resumed:
        sampler.load_state_dict(states[0])
    rest = dealt([list(sampler) for sampler in resumed])
    left = first[len(begun) :]
    if states[0]["position"] == length or (drop_last and len(left) < other):
        assert rest[: len(second) - other] == second[: len(second) - other]
    elif drop_last:
        assert rest == left[: len(left) // other * other]
    else:
        assert rest[: len(left)] == left
        assert rest[len(left) :] == first[: len(rest) - len(left)]
        assert len(rest) - len(left) < other


def test_chunks_make_no_difference(monkeypatch):
    want = [list(sampler) for sampler in ranks(5)]
    monkeypatch.setattr(samplers_module, "_CHUNK", 3)
    assert [list(sampler) for sampler in ranks(5)] == want


def test_samplers_are_sent_to_other_processes_with_their_place():
    for sampler in (SMOTESampler(Counted(9)), DistributedSMOTESampler(Counted(9), 2, 0)):
        list(islice(sampler, 2))
        copy = pickle.loads(pickle.dumps(sampler))
        assert copy.state_dict() == sampler.state_dict()
        assert list(copy) == list(sampler)


def test_it_is_a_distributed_sampler_of_torch():
    sampler, torchs = ranks(3)[1], DistributedSampler(tensors(), 3, 1)
    assert isinstance(sampler, DistributedSampler)
    for name in ("num_samples", "total_size", "rank", "num_replicas", "drop_last", "epoch"):
        assert getattr(sampler, name) == getattr(torchs, name)
    sampler.set_epoch(4)
    assert sampler.epoch == 4
    assert next(iter(sampler)) // len(sampler.dataset) == 4


def test_consumed_rows_count_those_of_all_ranks():
    sampler = ranks(2)[0]
    want = list(sampler)
    resumed = ranks(2)[0]
    resumed.load_state_dict(sampler.state_dict(consumed=2 * 20))
    assert list(resumed) == want[20:]


def test_repeated_rows_may_be_counted_among_the_consumed():
    sampler = DistributedSMOTESampler(Counted(7), 2, 0)
    assert len(list(sampler)) == 4
    state = sampler.state_dict(consumed=4 * 2)
    assert (state["epoch"], state["position"]) == (0, 7)
    with pytest.raises(ValueError, match=r"`consumed` must be in \[0, 8\].*got 9"):
        sampler.state_dict(consumed=9)


def test_one_process_goes_on_for_several_and_back():
    one, two = SMOTESampler(tensors()), ranks(2)
    reader = iter(one)
    list(islice(reader, 10))
    for sampler in two:
        sampler.load_state_dict(one.state_dict())
    assert dealt([list(sampler) for sampler in two]) == list(reader)


@pytest.mark.parametrize(
    ("given", "error", "facts"),
    [
        ({"num_replicas": 97, "rank": 0}, ValueError, "`num_replicas`=97 is more than the 96 rows"),
        ({"num_replicas": 2, "rank": 2}, ValueError, "`rank` must be in .0, 2., .* got 2"),
        ({"num_replicas": 2, "rank": -1}, ValueError, "`rank`.*-1"),
        ({"num_replicas": 0, "rank": 0}, ValueError, "`num_replicas`.*0"),
        ({"num_replicas": 2.0, "rank": 0}, TypeError, "`num_replicas` must be an int, got float"),
        ({"num_replicas": 2, "rank": True}, TypeError, "`rank` must be an int, got bool"),
        ({"num_replicas": 2}, ValueError, "init_process_group"),
        ({}, ValueError, "init_process_group"),
        ({"num_replicas": 2, "rank": 0, "seed": -1}, ValueError, "`seed`"),
    ],
)
def test_what_is_no_rank_is_refused(given, error, facts):
    with pytest.raises(error, match=facts):
        DistributedSMOTESampler(tensors(), **given)


def test_other_datasets_are_refused():
    with pytest.raises(TypeError, match="SMOTEDataset, got list"):
        DistributedSMOTESampler([1, 2], 1, 0)


def test_a_dataset_that_changes_its_length_is_refused(monkeypatch):
    data = Counted(40)
    samplers = [SMOTESampler(data), *ranks(2, data)]
    data.length = 41
    for sampler in samplers:
        with pytest.raises(ValueError, match=r"had 40 rows .* has 41 now"):
            list(sampler)
        with pytest.raises(ValueError, match=r"had 40 rows .* has 41 now"):
            sampler.state_dict()
    monkeypatch.setattr(samplers_module, "_CHUNK", 4)
    for sampler in [SMOTESampler(data), *ranks(2, data)]:
        data.length = 41
        reader = iter(sampler)
        list(islice(reader, 4))
        data.length = 40
        with pytest.raises(ValueError, match=r"had 41 rows .* has 40 now"):
            list(reader)
