"""SMOTESampler and TensorLoader: epochs, order, and resuming in the middle of one."""

from __future__ import annotations

import copy
import pickle
from itertools import islice

import numpy as np
import pytest
import torch
from loop_data import N, same, tensors

from torchsmote import SMOTENC
from torchsmote.data import SMOTESampler, TensorLoader
from torchsmote.data import samplers as samplers_module
from torchsmote.short_text import short_text

BATCH = 7


def sampler(**given):
    return SMOTESampler(tensors(), **given)


def loader(**given):
    return TensorLoader(tensors(), **{"batch_size": BATCH, **given})


def rows_of(stream):
    """Everything a stream gives, in a form that compares."""
    return [tuple(part.tolist() for part in item) if isinstance(item, list) else item for item in stream]


@pytest.fixture(params=[sampler, loader])
def make(request):
    return request.param


@pytest.fixture(params=[True, False])
def shuffle(request):
    return request.param


def test_an_epoch_holds_every_row_once_and_carries_its_number(shuffle, monkeypatch):
    monkeypatch.setattr(samplers_module, "_CHUNK", 10)
    stream = sampler(shuffle=shuffle)
    length = len(stream)
    for epoch in range(3):
        indices = list(stream)
        assert all(type(index) is int for index in indices)
        assert sorted(indices) == list(range(epoch * length, (epoch + 1) * length))
        assert (indices == sorted(indices)) is not shuffle


def test_order_is_a_function_of_seed_and_epoch():
    length = len(sampler())
    orders = {
        (seed, epoch): tuple(index % length for index in stream)
        for seed in range(3)
        for stream in [sampler(seed=seed)]
        for epoch in range(3)
    }
    assert len(set(orders.values())) == 9
    again = sampler(seed=2)
    again.set_epoch(1)
    assert tuple(index % length for index in again) == orders[2, 1]


def test_each_iter_is_the_next_epoch_and_set_epoch_overrides(make, shuffle):
    stream = make(shuffle=shuffle)
    epochs = [rows_of(stream) for _ in range(3)]
    assert epochs[0] != epochs[1] != epochs[2]
    other = make(shuffle=shuffle)
    other.set_epoch(2)
    assert rows_of(other) == epochs[2]
    other.set_epoch(0)
    assert rows_of(other) == epochs[0]
    assert rows_of(other) == epochs[1]
    other.set_epoch(2)
    other.set_epoch(1)
    assert rows_of(other) == epochs[1]


def test_an_iterator_that_is_never_read_takes_no_epoch(make):
    stream, other = make(), make()
    iter(stream)
    iter(stream)
    assert rows_of(stream) == rows_of(other)


def test_a_broken_off_epoch_is_over(make):
    stream, other = make(), make()
    list(islice(stream, 3))
    rows_of(other)
    assert rows_of(stream) == rows_of(other)


@pytest.mark.parametrize("stop", [0, 1, 5, 13])
def test_resume_mid_epoch(make, shuffle, stop, monkeypatch):
    monkeypatch.setattr(samplers_module, "_CHUNK", 3)
    stream = make(shuffle=shuffle)
    rows_of(stream)
    going = iter(stream)
    for _ in range(stop):
        next(going)
    state = pickle.loads(pickle.dumps(stream.state_dict()))
    rest, after = rows_of(going), rows_of(stream)

    resumed = make(shuffle=shuffle)
    resumed.load_state_dict(state)
    assert rows_of(resumed) == rest
    assert rows_of(resumed) == after


def test_resume_keeps_its_place_when_a_trainer_sets_the_same_epoch(make):
    stream = make()
    going = iter(stream)
    next(going)
    state = stream.state_dict()
    rest = rows_of(going)
    resumed = make()
    resumed.load_state_dict(state)
    resumed.set_epoch(0)
    assert rows_of(resumed) == rest
    moved = make()
    moved.load_state_dict(state)
    moved.set_epoch(1)
    assert len(rows_of(moved)) == len(moved)


def test_a_finished_epoch_resumes_with_the_next(make):
    stream = make()
    last = [stream.state_dict() for _ in stream][-1]
    assert last == stream.state_dict()
    resumed = make()
    resumed.load_state_dict(last)
    assert rows_of(resumed) == rows_of(stream)


def test_drop_last_ends_its_epoch_too():
    stream = loader(drop_last=True, batch_size=10)
    assert len(stream) == len(stream.dataset) // 10
    for batch in stream:
        assert len(batch[0]) == 10
        state = stream.state_dict()
    resumed = loader(drop_last=True, batch_size=10)
    resumed.load_state_dict(state)
    assert rows_of(resumed) == rows_of(stream)


def test_batch_size_may_change_on_resume():
    stream = loader()
    going = iter(stream)
    for _ in range(3):
        next(going)
    resumed = loader(batch_size=5)
    resumed.load_state_dict(stream.state_dict())
    rest = torch.cat([batch[0] for batch in going])
    assert torch.equal(torch.cat([batch[0] for batch in resumed]), rest)


def test_consumed_rows_override_those_handed_out():
    stream = sampler()
    indices = list(stream)
    resumed = sampler()
    resumed.load_state_dict(stream.state_dict(consumed=20))
    assert list(resumed) == indices[20:]
    for wrong in (-1, len(stream) + 1):
        with pytest.raises(ValueError, match=f"consumed.*{wrong}"):
            stream.state_dict(consumed=wrong)


@pytest.mark.parametrize(
    ("changed", "facts"),
    [
        ({"seed": 5}, "seed=5.*seed=0"),
        ({"shuffle": False}, "shuffle"),
        ({"length": 10}, "length=10"),
        ({"dataset_seed": 9}, "dataset_seed=9"),
        ({"version": 99}, "version=99"),
    ],
)
def test_states_of_other_runs_are_refused(make, changed, facts):
    stream = make()
    with pytest.raises(ValueError, match=facts):
        stream.load_state_dict({**stream.state_dict(), **changed})
    with pytest.raises(ValueError, match="position"):
        stream.load_state_dict(
            {key: value for key, value in stream.state_dict().items() if key != "position"}
        )
    with pytest.raises(ValueError, match="version"):
        stream.load_state_dict({})


def test_a_state_of_an_older_version_is_named_as_such(make):
    older = {"version": 1, "length": 96, "seed": 0, "shuffle": True, "epoch": 0, "position": 3}
    with pytest.raises(ValueError, match="version=1, but this torchsmote reads version=2"):
        make().load_state_dict(older)


def test_values_of_a_state_may_have_become_tensors(make):
    stream = make()
    state = {k: torch.tensor(v) if type(v) is int else v for k, v in stream.state_dict().items()}
    stream.load_state_dict(state)
    with pytest.raises(ValueError, match="length=array"):
        stream.load_state_dict({**state, "length": np.array([96, 96])})


def test_a_fingerprint_reads_arrays():
    texts = {short_text(SMOTENC(form(at))) for form in (list, np.array, torch.tensor) for at in ([0], [1])}
    assert texts == {"SMOTENC(categorical_features=[0])", "SMOTENC(categorical_features=[1])"}


def test_the_state_is_small(make):
    assert len(pickle.dumps(make().state_dict())) < 300


@pytest.mark.parametrize("epoch", [-1, 2**32])
def test_epochs_are_checked(make, epoch):
    with pytest.raises(ValueError, match=f"epoch.*{epoch}"):
        make().set_epoch(epoch)
    with pytest.raises(TypeError, match="float"):
        make().set_epoch(1.0)


def test_copies_go_on_alone(make):
    stream = make()
    other = copy.deepcopy(stream)
    first = rows_of(stream)
    assert rows_of(other) == first


def test_lengths():
    assert len(sampler()) == len(tensors()) == 96
    assert len(loader()) == len(list(loader())) == 14
    assert len(loader(drop_last=True)) == len(list(loader(drop_last=True))) == 13
    assert len(loader(batch_size=96, drop_last=True)) == 1
    assert len(list(loader(batch_size=500))) == 1
    assert list(loader(batch_size=500, drop_last=True)) == []


@pytest.mark.parametrize("given", [{}, {"return_provenance": True}, {"soft_labels": True, "num_classes": 2}])
def test_the_loader_gives_the_datasets_rows_in_the_samplers_order(given, shuffle, device):
    data = tensors(**given)
    order, batches = (
        SMOTESampler(data, shuffle=shuffle, seed=3),
        TensorLoader(data, BATCH, shuffle=shuffle, seed=3, device=device),
    )
    for _ in range(2):
        indices = list(order)
        start = 0
        for batch in batches:
            want = data.__getitems__(indices[start : start + BATCH]).stacks
            start += BATCH
            for got, expected in zip(batch, want, strict=True):
                for a, b in zip(
                    *((got, expected) if isinstance(got, tuple) else ([got], [expected])), strict=True
                ):
                    assert a.device.type == device.type
                    torch.testing.assert_close(a.cpu(), b, rtol=1e-6, atol=1e-6)
                    if device.type == "cpu":
                        assert torch.equal(a, b)
        assert start >= len(data)


def test_batches_share_no_memory_and_no_version():
    batches = [batch[0] for batch in loader()]
    before = [batch.clone() for batch in batches]
    weight = torch.ones(4, 1, requires_grad=True)
    loss = (batches[0] @ weight).sum()
    for batch in batches[1:]:
        batch.add_(1)
    loss.backward()  # the first batch is unchanged, and torch knows it
    assert torch.equal(batches[0], before[0])
    assert all(torch.equal(a, b + 1) for a, b in zip(batches[1:], before[1:], strict=True))
    torch.testing.assert_close(weight.grad[:, 0], before[0].sum(0))


def test_the_data_is_not_changed_by_changing_batches():
    stream = loader()
    data = stream.dataset
    X = data.dataset.tensors[0].clone()
    for x, y in stream:
        x.zero_()
        y.zero_()
    assert torch.equal(data.dataset.tensors[0], X)
    assert data.targets.sum() == len(data) - len(data) // 2


def test_the_loader_draws_in_pieces_as_it_draws_at_once(monkeypatch):
    from torchsmote.data import loader as loader_module

    want = rows_of(loader())
    monkeypatch.setattr(loader_module, "_ROWS_DRAWN", 20)
    monkeypatch.setattr(loader_module, "_BYTES_MADE", 1)
    assert rows_of(loader()) == want


def test_samplers_pass_on_indices_of_wrappers():
    data = tensors()

    class Wrapper:
        n_synthetic = data.n_synthetic

        def __len__(self):
            return len(data)

        def __getitem__(self, index):
            return data[index]

    wrapped = Wrapper()
    index = next(iter(SMOTESampler(wrapped)))
    assert same(wrapped[index], data[index])
    assert len(wrapped) > N
