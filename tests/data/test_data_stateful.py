"""torchdata's StatefulDataLoader over a SMOTEDataset: stopped anywhere, it goes on with exactly the rest."""

from __future__ import annotations

import pickle
from itertools import islice

import pytest
from loop_data import tensors
from torchdata.stateful_dataloader import StatefulDataLoader

from torchsmote.data import BalancedBatchSampler, DistributedSMOTESampler, SMOTESampler

# torchdata 0.11 calls what torch 2.13 has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:'set_vital' is deprecated:UserWarning")

BATCH = 8  # divides the 96 rows: the last batch ends just where the epoch does
BATCHES = 96 // BATCH
WORKERS = [
    pytest.param({}, id="no workers"),
    pytest.param({"num_workers": 2}, id="2 workers"),
    pytest.param({"num_workers": 2, "persistent_workers": True}, id="2 persistent workers"),
    pytest.param({"num_workers": 2, "snapshot_every_n_steps": 5}, id="2 workers, few snapshots"),
]


def loader(batch_size=BATCH, **given):
    data = tensors(seed=1)
    return StatefulDataLoader(data, batch_size=batch_size, sampler=SMOTESampler(data, seed=3), **given)


def rows(batches):
    return [batch[0].tolist() for batch in batches]


def resumed(stopped, **given):
    """Another process's loader with the state of one that stopped."""
    other = loader(**given)
    other.load_state_dict(pickle.loads(pickle.dumps(stopped.state_dict())))
    return other


@pytest.fixture(scope="module")
def epochs():
    """What an undisturbed run reads: no workers, two epochs and the one after."""
    undisturbed = loader()
    return [rows(undisturbed) for _ in range(3)]


@pytest.mark.global_rng  # torchdata's loaders seed their workers from the global state, as torch's do
@pytest.mark.parametrize("given", WORKERS)
@pytest.mark.parametrize("stop", [5, BATCHES])
def test_the_rest_of_an_epoch_and_the_next(given, stop, epochs):
    stopped = loader(**given)
    rows(stopped)
    going = iter(stopped)
    assert rows(islice(going, stop)) == epochs[1][:stop]  # the loader reads ahead, which must not count
    other = resumed(stopped, **given)
    assert rows(other) == epochs[1][stop:]  # after the last batch: nothing, and then the next epoch
    assert rows(other) == epochs[2]


@pytest.mark.global_rng
@pytest.mark.parametrize("given", WORKERS[:3])
def test_a_state_between_epochs_goes_on_with_the_next(given, epochs):
    stopped = loader(**given)
    rows(stopped)
    other = resumed(stopped, **given)
    assert rows(other) == epochs[1]
    assert rows(other) == epochs[2]


@pytest.mark.global_rng
@pytest.mark.parametrize("stop", [0, 5, BATCHES])
def test_a_state_saved_at_once_after_loading_is_the_same_state(stop, epochs):
    stopped = loader()
    going = iter(stopped)
    list(islice(going, stop))
    again = resumed(resumed(stopped))
    assert rows(again) == epochs[0][stop:]
    assert rows(again) == epochs[1]


@pytest.mark.global_rng
def test_a_batch_that_is_not_full_ends_the_epoch_too():
    stopped = loader(batch_size=7)
    rows(stopped)
    whole = rows(stopped)
    other = loader(batch_size=7)
    rows(other)
    list(islice(iter(other), len(whole)))
    again = resumed(other, batch_size=7)
    assert len(whole[-1]) == 96 % 7
    assert rows(again) == []
    assert rows(again) == rows(stopped)


@pytest.mark.global_rng
def test_torchdata_wants_the_same_number_of_workers_and_the_sampler_does_not(epochs):
    stopped = loader(num_workers=2)
    going = iter(stopped)
    list(islice(going, 5))
    other = resumed(stopped)
    with pytest.raises(AssertionError, match="single process"):
        iter(other)
    state = stopped.sampler.state_dict(consumed=5 * BATCH)
    del going  # ends its workers
    free = loader()
    free.sampler.load_state_dict(state)
    assert rows(free) == epochs[0][5:]


def check_resumed(make, stop):
    """A loader stopped in its second epoch after so many batches goes on with the rest, and the third."""
    undisturbed = make()
    epochs = [rows(undisturbed) for _ in range(3)]
    stopped = make()
    rows(stopped)
    going = iter(stopped)
    list(islice(going, stop))
    other = make()
    other.load_state_dict(pickle.loads(pickle.dumps(stopped.state_dict())))
    assert rows(other) == epochs[1][stop:]
    assert rows(other) == epochs[2]


@pytest.mark.global_rng
@pytest.mark.parametrize("given", WORKERS[:2])
@pytest.mark.parametrize("stop", [5, BATCHES])
def test_batches_of_fixed_shares(given, stop):
    def balanced():
        data = tensors(seed=1)
        return StatefulDataLoader(data, batch_sampler=BalancedBatchSampler(data, BATCH, seed=3), **given)

    check_resumed(balanced, stop)


@pytest.mark.global_rng
@pytest.mark.parametrize("stop", [2, BATCHES // 2])
def test_the_share_of_a_rank(stop):
    def share():
        data = tensors(seed=1)
        sampler = DistributedSMOTESampler(data, 2, 1, seed=3)
        return StatefulDataLoader(data, batch_size=BATCH, sampler=sampler, num_workers=1)

    check_resumed(share, stop)
