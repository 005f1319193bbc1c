"""Neighbors searched again every n epochs: when, in the background, by several processes, after a resume."""

from __future__ import annotations

import threading
import warnings

import pytest
import torch
from loop_data import Items, same, table, tensors
from processes import run_ranks
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from torchsmote import ADASYN, SMOTE, BatchedFeatures, LeeSMOTE, RefreshNeighbors, SMOTEDataset, SMOTESampler

X, Y = table()
EPOCHS = 7


class Encoder(nn.Module):
    """What "training" moves on: one weight for each column."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(4))
        self.dropout = nn.Dropout(0.5)
        self.threads = []

    def forward(self, x):
        self.threads.append(threading.current_thread())
        return self.dropout(x * self.scale)

    def encode(self, x):
        return self(x)

    def train_an_epoch(self):
        with torch.no_grad():
            self.scale *= torch.tensor([1.0, 2.0, 0.5, 1.5])


class Failing(Encoder):
    def forward(self, x):
        raise ValueError("no embedding today")


def encoded(epochs):
    """Features of all items by the encoder after so many epochs."""
    encoder = Encoder().eval()
    for _ in range(epochs):
        encoder.train_an_epoch()
    with torch.no_grad():
        return encoder(X)


def train(data, encoder, refresh, epochs=range(EPOCHS), workers=0):
    sampler = SMOTESampler(data, seed=1)
    sampler.set_epoch(epochs[0])
    context = "fork" if workers else None
    loader = DataLoader(
        data,
        8,
        sampler=sampler,
        num_workers=workers,
        persistent_workers=workers > 0,
        multiprocessing_context=context,
        generator=torch.Generator().manual_seed(0),
    )
    seen = []
    for epoch in epochs:
        seen.append(list(loader))
        encoder.train_an_epoch()
        refresh.epoch_end(epoch)
    return seen


def slow_reference(held):
    """The batches of each epoch, with neighbors by the encoder as it was after ``held[epoch]`` epochs."""
    epochs = []
    for epoch, trained in enumerate(held):
        data = tensors() if trained is None else tensors(features=encoded(trained))
        sampler = SMOTESampler(data, seed=1)
        sampler.set_epoch(epoch)
        epochs.append(list(DataLoader(data, 8, sampler=sampler, generator=torch.Generator())))
    return epochs


SCHEDULES = {
    "every": ({"every": 1}, [None, 1, 2, 3, 4, 5, 6]),
    "third": ({"every": 3}, [None, None, None, 3, 3, 3, 6]),
    "start": ({"every": 3, "start": 2}, [None, None, 2, 2, 2, 5, 5]),
    "background": ({"every": 2, "background": True}, [None, None, None, 2, 2, 4, 4]),
    "background every": ({"every": 1, "background": True}, [None, None, 1, 2, 3, 4, 5]),
}


@pytest.mark.parametrize(("given", "held"), SCHEDULES.values(), ids=SCHEDULES)
@pytest.mark.parametrize("workers", [0, 1])
def test_which_neighbors_hold_in_which_epoch(given, held, workers):
    data, encoder = tensors(), Encoder()
    with RefreshNeighbors(data, encoder, **given) as refresh:
        assert same(train(data, encoder, refresh, workers=workers), slow_reference(held))
    aside = [thread for thread in encoder.threads if thread is not threading.main_thread()]
    assert not aside  # the thread has a copy
    assert encoder.training


def test_the_background_may_read_items_by_worker_processes():
    data = SMOTEDataset(Items("dict"), SMOTE(k_neighbors=3))
    embed = BatchedFeatures(Encoder(), batch_size=16, num_workers=1)
    with RefreshNeighbors(data, embed, background=True) as refresh:
        refresh.epoch_end(0)
        refresh.epoch_end(1)
    assert torch.equal(data.recipe.table, tensors(features=X).recipe.table)


def test_the_background_does_not_keep_training_waiting():
    entered, go_on = threading.Event(), threading.Event()

    class Slow(Encoder):
        def forward(self, x):
            entered.set()
            assert go_on.wait(60)
            return super().forward(x)

        def __deepcopy__(self, memo):
            other = Slow()
            other.load_state_dict(self.state_dict())
            return other

    data, encoder = tensors(), Slow()
    with RefreshNeighbors(data, encoder, background=True) as refresh:
        list(SMOTESampler(data))
        refresh.epoch_end()
        assert entered.wait(60)
        encoder.train_an_epoch()  # while it embeds
        list(SMOTESampler(data))
        before = data.recipe
        go_on.set()
        data.begin(1)
        refresh.epoch_end()
        assert data.recipe is not before
        assert torch.equal(data.recipe.table, tensors(features=X).recipe.table)


def test_an_error_in_the_background_is_raised_at_the_boundary():
    data = tensors()
    before = data.recipe
    with RefreshNeighbors(data, Failing(), background=True) as refresh:
        refresh.epoch_end(0)
        with pytest.raises(ValueError, match="no embedding today"):
            refresh.epoch_end(1)
        assert data.recipe is before
        refresh.features = BatchedFeatures(Encoder())  # the error is told once: what comes later is done
        for epoch in (2, 3):
            data.begin(epoch)
            refresh.epoch_end(epoch)
        assert data.recipe is not before


def test_closing_ends_what_is_under_way():
    before = threading.active_count()
    started, closing, seen = threading.Event(), threading.Event(), []

    class Waiting(Encoder):
        def forward(self, x):
            seen.append(len(x))
            started.set()
            assert closing.wait(60)
            return super().forward(x)

    refresh = RefreshNeighbors(tensors(), BatchedFeatures(Waiting(), batch_size=1), background=True)
    refresh.epoch_end(0)
    assert started.wait(60)
    timer = threading.Timer(0.2, closing.set)
    timer.start()
    refresh.close()
    timer.join()
    assert seen == [1]  # of sixty batches
    refresh.close()
    with pytest.raises(RuntimeError, match="closed"):
        refresh.epoch_end(1)
    assert threading.active_count() <= before


def test_a_call_too_many_changes_nothing():
    data, encoder = tensors(), Encoder()
    first = data.fit.drawer
    with RefreshNeighbors(data, encoder, background=True) as refresh:
        refresh.epoch_end(0)
        refresh.epoch_end(0)
        refresh.epoch_end(1)
    assert data.planner.generations.at(2) is data.fit.drawer
    assert data.planner.generations.at(1) is first


@pytest.mark.parametrize(
    "embed",
    [lambda item: item["x"] * 2, BatchedFeatures(Encoder().encode, batch_size=7), Encoder()],
    ids=["item", "method", "module"],
)
def test_what_may_embed(embed):
    data = SMOTEDataset(Items("dict"), SMOTE(k_neighbors=3))
    RefreshNeighbors(data, embed).epoch_end(0)
    assert torch.equal(data.recipe.table, tensors(features=X).recipe.table)


@pytest.mark.parametrize(
    ("given", "error", "facts"),
    [
        ({"dataset": TensorDataset(X)}, TypeError, "dataset.*TensorDataset"),
        ({"embed": X}, TypeError, "embed.*Tensor.*refresh"),
        ({"every": 0}, ValueError, "every.*0"),
        ({"every": 1.5}, TypeError, "every"),
        ({"start": 0}, ValueError, "start.*0"),
        ({"embed": lambda item: item, "background": True}, TypeError, "embed.*function.*background=False"),
        (
            {"dataset": SMOTEDataset(TensorDataset(X, Y), LeeSMOTE(k_neighbors=3)), "folder": "f"},
            ValueError,
            "folder.*LeeSMOTE",
        ),
    ],
)
def test_arguments(given, error, facts):
    arguments = {"dataset": tensors(), "embed": Encoder(), **given}
    with pytest.raises(error, match=facts):
        RefreshNeighbors(**arguments)


@pytest.mark.parametrize("background", [False, True])
@pytest.mark.parametrize("stop", [1, 2, 3, 4, 5, 6])
def test_a_resumed_run_goes_on_as_it_would_have(background, stop, tmp_path):
    given = {"every": 2, "start": 2, "background": background, "folder": tmp_path}
    data, encoder = tensors(), Encoder()
    with RefreshNeighbors(data, encoder, **given) as refresh:
        train(data, encoder, refresh, range(stop))
    held = [None, None, None, 2, 2, 4, 4] if background else [None, None, 2, 2, 4, 4, 6]
    resumed, same_encoder = tensors(), Encoder()
    same_encoder.load_state_dict(encoder.state_dict())
    with RefreshNeighbors(resumed, same_encoder, **given) as refresh:
        refresh.resume(stop)
        got = train(resumed, same_encoder, refresh, range(stop, EPOCHS))
    assert same(got, slow_reference(held)[stop:])


def test_a_folder_of_something_else(tmp_path):
    with pytest.raises(ValueError, match=r"folder.*None"):
        RefreshNeighbors(tensors(), Encoder()).resume(3)
    refresh = RefreshNeighbors(tensors(), Encoder(), folder=tmp_path)
    with pytest.raises(FileNotFoundError):
        refresh.resume(3)
    other = SMOTEDataset(TensorDataset(X[1:], Y[1:]), SMOTE(k_neighbors=3))
    RefreshNeighbors(other, Encoder(), folder=tmp_path).epoch_end(0)
    with pytest.raises(ValueError, match=r"59 rows.*60"):
        refresh.resume(1)
    file = next(tmp_path.iterdir())
    file.write_bytes(file.read_bytes()[:-8])
    with pytest.raises(ValueError, match="truncated"):
        refresh.resume(1)


# Several processes


def table_of(data):
    return data.recipe.rows, data.recipe.table


def make(resampler=None):
    return SMOTEDataset(TensorDataset(X, Y), SMOTE(k_neighbors=3) if resampler is None else resampler)


def refreshed(resampler=None, **given):
    """What a refresh leaves, and which items this process embedded."""
    warnings.simplefilter("ignore")
    data, encoder = make(resampler), Encoder()
    encoder.train_an_epoch()
    # Three batches, so that two processes have different shares.
    with RefreshNeighbors(data, BatchedFeatures(encoder, batch_size=25), **given) as refresh:
        for epoch in range(2):
            data.begin(epoch)
            refresh.epoch_end(epoch)
    return *table_of(data), len(encoder.threads)


def share(rank, folder):
    found = {
        "front": refreshed(start=2),
        "background": refreshed(background=True),
        "adasyn": refreshed(ADASYN(n_neighbors=3), start=2),
    }
    group = torch.distributed.group.WORLD
    features = BatchedFeatures(Encoder(), batch_size=25, group=group, progress=False)
    given = {"features": features, "features_cache": folder / "f"}
    cached = [SMOTEDataset(TensorDataset(X, Y), SMOTE(k_neighbors=3), **given) for _ in range(2)]
    found["cached"] = *table_of(cached[1]), len(features.encoder.threads)
    file = folder / f"of rank {rank}"
    for _ in range(2):  # the second time one rank has a file and the other has none
        data = SMOTEDataset(TensorDataset(X, Y), SMOTE(k_neighbors=3), features=features, features_cache=file)
        found["half cached"] = table_of(data)
        if rank:
            file.unlink()
    data = make()
    try:
        RefreshNeighbors(data, Failing() if rank == 1 else Encoder()).epoch_end(0)
    except ValueError as error:
        found["failed"] = str(error)
    return found


@pytest.fixture(scope="module")
def shares(tmp_path_factory):
    return run_ranks(share, 2, tmp_path_factory.mktemp("cache"))


@pytest.mark.parametrize("case", ["front", "background", "adasyn"])
def test_processes_share_the_work_and_end_alike(shares, case):
    given = {
        "front": {"start": 2},
        "background": {"background": True},
        "adasyn": {"start": 2, "resampler": ADASYN(n_neighbors=3)},
    }[case]
    *alone, _ = refreshed(**given)
    for found in shares:
        assert all(torch.equal(one, other) for one, other in zip(found[case][:2], alone, strict=True))
    if case != "background":  # there, copies encode
        assert [found[case][2] for found in shares] == [1, 2]


def test_processes_share_features_and_a_cache(shares):
    want = SMOTEDataset(TensorDataset(X, Y), SMOTE(k_neighbors=3), features=Encoder())
    for found in shares:
        assert torch.equal(found["cached"][1], want.recipe.table)
        assert torch.equal(found["half cached"][1], want.recipe.table)
    # Each time one batch probes the file; besides, the first time, the shares: one batch and two.
    assert [found["cached"][2] for found in shares] == [3, 4]


def test_an_error_of_one_process_is_raised_on_all(shares):
    assert all("rank 1: no embedding today" in found["failed"] for found in shares)
