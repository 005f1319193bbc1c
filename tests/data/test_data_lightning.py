"""SMOTEDataModule under the real Trainer, in one process: fresh rows, real validation, exact resuming."""

from __future__ import annotations

import pickle
import sys
from types import SimpleNamespace

import pytest
import torch
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.utilities.exceptions import MisconfigurationException
from lightning_runs import BATCH, Net, Save, Validated, data, fit, rows, trainer, two_ranks
from loop_data import D, N, same, table, tensors
from processes import run_ranks
from torch.utils.data import BatchSampler, DataLoader, SequentialSampler, Subset, TensorDataset

import torchsmote
from torchsmote import ADASYN, SMOTE, EmbeddingSMOTE
from torchsmote.data import BalancedBatchSampler, ResumableLoader, SMOTEDataset, SMOTESampler
from torchsmote.lightning import SMOTEDataModule

pytestmark = [
    pytest.mark.global_rng,  # the Trainer's
    pytest.mark.filterwarnings("ignore:The '.*' does not have many workers"),
    pytest.mark.filterwarnings("ignore:This DataLoader will create"),
    pytest.mark.filterwarnings("ignore:`isinstance.treespec, LeafSpec.` is deprecated"),  # Lightning 2.6
]
ROWS = 96
STEPS = ROWS // BATCH


def plain_epochs(epochs=3, **given):
    """What a plain loop reads, shape (epochs, rows, D + 1)."""
    dataset = tensors()
    loader = DataLoader(
        dataset, BATCH, sampler=SMOTESampler(dataset), generator=torch.Generator().manual_seed(0)
    )
    return torch.stack([torch.cat([torch.cat((x, y[:, None]), 1) for x, y in loader]) for _ in range(epochs)])


@pytest.fixture(scope="module")
def wanted():
    return plain_epochs()


@pytest.mark.parametrize(("workers", "persistent"), [(0, None), (2, None), (2, False)])
def test_the_trainer_reads_what_a_plain_loop_reads(workers, persistent, wanted):
    net = fit(data(num_workers=workers, persistent_workers=persistent))
    assert torch.equal(rows(net, 0), wanted[0])
    assert torch.equal(rows(net, 1), wanted[1])
    epochs = [{tuple(row) for row in rows(net, epoch).tolist()} for epoch in (0, 1)]
    assert [len(epoch) for epoch in epochs] == [ROWS, ROWS]
    assert len(epochs[0] & epochs[1]) == N  # the real rows, and no other


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory):
    """Checkpoints after steps of a run, by number of workers."""
    folders = {workers: tmp_path_factory.mktemp(f"workers{workers}") for workers in (0, 2)}
    for workers, folder in folders.items():
        fit(data(num_workers=workers), callbacks=[Save(folder, (1, 5, 11, 12, 17, 24))])
    return folders


@pytest.mark.parametrize(
    ("step", "before", "after"),
    [(1, 0, 0), (5, 2, 0), (11, 0, 0), (12, 0, 0), (12, 2, 2), (17, 0, 2), (17, 2, 0), (24, 2, 0)],
)
def test_a_checkpoint_resumes_with_the_rest_of_its_epoch(step, before, after, checkpoints, wanted):
    net = fit(data(num_workers=after), epochs=3, path=str(checkpoints[before] / f"{step}.ckpt"))
    assert torch.equal(rows(net), wanted.flatten(0, 1)[step * BATCH :])
    assert [(at, number) for at, number, *_ in net.trained] == [
        divmod(done, STEPS) for done in range(step, 3 * STEPS)
    ]


@pytest.mark.filterwarnings("ignore:Checkpoint directory .* is not empty")
def test_a_checkpoint_of_the_end_of_an_epoch_resumes_with_the_next(tmp_path, wanted):
    own = {"val": TensorDataset(*table())}
    given = {"enable_checkpointing": True, "callbacks": [ModelCheckpoint(dirpath=tmp_path, filename="end")]}
    fit(data(**own), net=Validated(), **given)
    net = fit(data(**own), epochs=3, net=Validated(), path=str(tmp_path / "end.ckpt"), **given)
    assert torch.equal(rows(net), wanted[2])


def test_an_epoch_that_is_cut_short_is_followed_by_the_next(tmp_path, wanted):
    given = {"limit_train_batches": 5}
    fit(data(), epochs=1, callbacks=[Save(tmp_path, (5,))], **given)
    net = fit(data(), epochs=2, path=str(tmp_path / "5.ckpt"), **given)
    assert torch.equal(rows(net), wanted[1][: 5 * BATCH])


def test_a_trainer_that_fits_again_goes_on_with_fresh_rows(wanted):
    own, module, net = trainer(epochs=1), data(num_workers=2), Net()
    own.fit(net, module)
    own.fit_loop.max_epochs = 2
    own.fit(net, module)
    assert torch.equal(rows(net), wanted[:2].flatten(0, 1))


@pytest.mark.parametrize(
    ("other", "fact"),
    [
        ({"seed": 1}, "seed=0"),
        ({"resampler": ADASYN(n_neighbors=3)}, "resampler|length"),
        ({"resampler": SMOTE(k_neighbors=2)}, "resampler"),
        ({"balanced": True}, "lacks|batch_size|length"),
    ],
)
def test_checkpoints_of_other_streams_are_refused(other, fact, checkpoints):
    with pytest.raises(ValueError, match=f"`state`.*({fact})"):
        fit(data(**other), epochs=3, path=str(checkpoints[0] / "5.ckpt"))


def test_no_set_but_the_training_set_is_resampled(wanted):
    X, y = table()
    val, test, predict = TensorDataset(X + 1, y), TensorDataset(X + 2, y), TensorDataset(X + 3, y)
    module = data(val=val, test=[test, val], predict=predict)
    net = fit(module, net=Validated())
    assert torch.equal(torch.cat(net.validated), torch.cat([X + 1] * 2))
    assert torch.equal(rows(net, 1), wanted[1])
    tested = module.test_dataloader()
    assert [
        torch.equal(torch.cat([x for x, _ in loader]), X + i)
        for i, loader in zip((2, 1), tested, strict=True)
    ]
    assert torch.equal(torch.cat([x for x, _ in module.predict_dataloader()]), X + 3)
    with pytest.raises(MisconfigurationException, match="`val_dataloader` must be implemented"):
        data().val_dataloader()


@pytest.mark.parametrize("shares", [True, {0: 0.75, 1: 0.25}])
def test_balanced_batches(shares, tmp_path):
    net = fit(data(balanced=shares), epochs=2, callbacks=[Save(tmp_path, (5,))])
    rare = BATCH // 2 if shares is True else BATCH // 4
    assert {(len(y), int(y.sum())) for *_, y in net.trained} == {(BATCH, rare)}
    again = fit(data(balanced=shares, num_workers=2), epochs=2, path=str(tmp_path / "5.ckpt"))
    assert torch.equal(rows(again), rows(net)[5 * BATCH :])


@pytest.mark.parametrize("step", [17, 24])  # in the middle of an epoch, and after its last batch
def test_embedding_smote_inside_a_module_goes_by_the_trainers_epoch(step, tmp_path):
    def build():
        return Net(
            EmbeddingSMOTE(2, SMOTE(k_neighbors=3), start_epoch=1, ratio=lambda epoch: epoch / 2, seed=0)
        )

    net = fit(data(), epochs=3, net=build(), callbacks=[Save(tmp_path, (step,))])
    assert net.lengths == [(epoch, BATCH + BATCH * epoch // 2) for epoch in range(3) for _ in range(STEPS)]
    again = fit(data(), epochs=3, net=build(), path=str(tmp_path / f"{step}.ckpt"))
    assert torch.equal(again.layer.weight, net.layer.weight)  # the same draws: its state is in the checkpoint


def test_overfit_batches_reads_the_same_rows_over_and_over():
    with pytest.warns(UserWarning, match="overfit"):
        net = fit(data(), overfit_batches=2)
    assert torch.equal(rows(net, 0), rows(net, 1))


def test_loaders_outside_a_trainer():
    module = data(drop_last=True, batch_size=10)
    loader = module.train_dataloader()
    assert isinstance(loader, ResumableLoader)
    assert len(list(loader)) == len(loader) == 9
    assert isinstance(module.train_dataset, SMOTEDataset)
    assert isinstance(data(balanced=True).train_dataloader().batch_sampler, BalancedBatchSampler)
    given = tensors(soft_labels=True, num_classes=2)
    assert data(resampler=None).train_dataset.tensors[0].shape == (N, D)
    ready = SMOTEDataModule(given, batch_size=4)
    assert ready.train_dataloader().dataset is given


def test_a_copy_for_another_process_has_loaders_of_its_own():
    module = pickle.loads(pickle.dumps(data(val=TensorDataset(*table()))))  # as strategy="ddp_spawn" sends it
    module.batch_size = N
    assert [len(y) for _, y in module.val_dataloader()] == [N]
    assert [len(y) for _, y in module.train_dataloader()] == [N, ROWS - N]


def test_workers_of_each_rank_have_seeds_of_their_own():
    seeds, before = [], torch.get_rng_state()
    for rank in (0, 1):
        module = data()
        module.trainer = SimpleNamespace(global_rank=rank, distributed_sampler_kwargs=None)
        loader = module.train_dataloader()
        seeds.append(loader.generator.initial_seed())
        next(iter(loader))
    assert seeds[0] != seeds[1]
    assert torch.equal(torch.get_rng_state(), before)


def test_every_loader_takes_dataloaders_arguments():
    seen = []
    module = data(val=TensorDataset(*table()), collate_fn=lambda items: seen.append(len(items)) or items)
    next(iter(module.train_dataloader()))
    next(iter(module.val_dataloader()))
    assert seen == [BATCH, BATCH]


READY = tensors()


@pytest.mark.parametrize(
    ("given", "error", "facts"),
    [
        pytest.param({"train": []}, ValueError, "`train` is empty", id="empty"),
        pytest.param({"train": 3}, TypeError, "`train` must have __getitem__", id="no dataset"),
        pytest.param(
            {"resampler": "SMOTE"}, TypeError, "`resampler` must be an over-sampler", id="resampler"
        ),
        pytest.param(
            {"train": READY, "resampler": SMOTE()}, ValueError, "`resampler` is given, but `train`", id="two"
        ),
        pytest.param({"val": READY}, ValueError, "`val` is a SMOTEDataset.*real ones", id="val"),
        pytest.param({"test": [READY]}, ValueError, "`test` is a SMOTEDataset.*real ones", id="test"),
        pytest.param({"val": Subset(READY, [70])}, ValueError, "`val` is a SMOTEDataset", id="part"),
        pytest.param({"balanced": [0.75, 0.25]}, TypeError, "`balanced` must be.*list", id="list"),
        pytest.param({"balanced": 0.5}, TypeError, "`balanced` must be.*float", id="share"),
        pytest.param({"seed": -1}, ValueError, "`seed`", id="seed"),
        pytest.param({"batch_size": 0}, ValueError, "`batch_size`", id="batch of 0"),
        pytest.param({"batch_size": 2.0}, TypeError, "`batch_size`", id="batch of 2.0"),
        pytest.param({"worker": 2}, TypeError, "no argument `worker`.*pin_memory", id="unknown"),
        pytest.param({"shuffle": True}, TypeError, "no argument `shuffle`", id="shuffle"),
    ],
)
def test_bad_arguments_are_refused_before_any_work(given, error, facts):
    with pytest.raises(error, match=facts):
        SMOTEDataModule(**{"train": TensorDataset(*table()), **given})


def test_the_name_is_found_in_the_package_and_lightning_is_asked_for_then(monkeypatch):
    assert torchsmote.SMOTEDataModule is SMOTEDataModule
    with pytest.raises(AttributeError, match="has no attribute 'SMOTEModule'"):
        _ = torchsmote.SMOTEModule
    monkeypatch.delitem(sys.modules, "torchsmote.lightning")
    monkeypatch.setitem(sys.modules, "lightning.pytorch", None)  # as if it were not installed
    with pytest.raises(
        ImportError, match=r'lightning is not installed.*pip install "torchsmote\[trainers\]"'
    ):
        _ = torchsmote.SMOTEDataModule


@pytest.fixture(scope="module")
def ranks(tmp_path_factory):
    """What each of two processes read."""
    folder = tmp_path_factory.mktemp("ranks")
    fit(data(batch_size=2 * BATCH), callbacks=[Save(folder / "one", (5,))])
    found = run_ranks(two_ranks, 2, str(folder))
    return {name: [own[name] for own in found] for name in found[0]}, folder


def together(parts):
    """The rows of two ranks as one process would read them: one of each in turn."""
    return torch.stack(parts, 1).flatten(0, 1)


@pytest.mark.parametrize("kind", ["0 None", "2 None", "2 False"])
def test_two_ranks_read_the_epochs_of_one_process(kind, ranks, wanted):
    read = ranks[0][kind]
    assert torch.equal(together(read), wanted[:2].flatten(0, 1))
    for epoch in (slice(0, ROWS // 2), slice(ROWS // 2, ROWS)):
        own = [{tuple(row) for row in rank[epoch].tolist()} for rank in read]
        assert not own[0] & own[1]
        assert len(own[0] | own[1]) == ROWS
    assert torch.equal(together(ranks[0][f"{kind} resumed"]), wanted[:2].flatten(0, 1)[9 * 2 * BATCH :])


def test_one_process_goes_on_where_two_stopped_and_two_where_one(ranks, wanted):
    path = ranks[1] / "2None" / "2.ckpt"
    alone = fit(data(batch_size=2 * BATCH), path=str(path))
    assert torch.equal(rows(alone), wanted[:2].flatten(0, 1)[2 * 2 * BATCH :])
    assert torch.equal(together(ranks[0]["from one"]), wanted[:2].flatten(0, 1)[5 * 2 * BATCH :])


def test_two_ranks_read_different_balanced_batches(ranks):
    alone = fit(data(balanced={0: 0.75, 1: 0.25})).trained
    first, second = ranks[0]["balanced"]
    assert all(int(y.sum()) == BATCH // 4 and len(y) == BATCH for *_, y in first + second)
    dealt = [batch for turn in zip(first, second, strict=True) for batch in turn]
    assert same([part[2:] for part in dealt], [part[2:] for part in alone])
    for resumed, whole in zip(ranks[0]["balanced resumed"], (first, second), strict=True):
        assert same(resumed, whole[3:])


def test_two_ranks_share_a_plain_loader_over_a_plain_sampler(ranks, wanted):
    read = together(ranks[0]["plain"]).unflatten(0, (2, ROWS))  # Lightning shuffles once more
    for own, epoch in zip(read, wanted, strict=False):
        assert sorted(own.tolist()) == sorted(epoch.tolist())


def test_two_ranks_validate_on_the_real_rows(ranks):
    assert torch.equal(together([torch.cat(part) for part in ranks[0]["validated"]]), table()[0])


def test_balanced_batches_from_outside_a_hook_are_refused_with_the_remedy(ranks):
    assert all("train_dataloader" in message for message in ranks[0]["refused"])


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("stop", [0, 1, 7, STEPS])
def test_the_loader_itself_resumes_after_any_batch(workers, stop):
    whole = [batch for loader in [_loader()] for _ in range(4) for batch in loader]
    loader = _loader(workers)
    list(loader)
    going = iter(loader)
    for _ in range(stop):
        next(going)
    state = loader.state_dict()
    assert state["position"] == (ROWS if stop == 0 else stop * BATCH)  # of the epoch read last
    resumed = _loader(2 - workers)
    resumed.load_state_dict(state)
    again = list(resumed) + list(resumed)
    assert same(again, whole[STEPS + stop :][: len(again)])
    assert len(again) == 2 * STEPS - stop % STEPS


def test_the_loader_counts_from_where_it_resumed():
    loader = _loader()
    for _ in loader:
        if loader.state_dict()["position"] == 3 * BATCH:
            state = loader.state_dict()
    resumed = _loader(batch_size=24)
    resumed.load_state_dict(state)
    assert resumed.state_dict() == state
    assert [resumed.state_dict()["position"] for _ in resumed] == [48, 72, 96]
    resumed.load_state_dict(state)
    resumed.sampler.set_epoch(5)
    assert [resumed.state_dict()["position"] for _ in resumed] == [24, 48, 72, 96]


def test_an_epoch_that_drops_its_last_batch_has_ended():
    loader = _loader(batch_size=20, drop_last=True)
    assert [loader.state_dict()["position"] for _ in loader] == [20, 40, 60, ROWS]


def test_a_loader_over_another_sampler_has_no_state():
    loader = ResumableLoader(range(4), generator=torch.Generator())
    list(loader)
    assert loader.state_dict() == {}
    loader.load_state_dict({})
    assert len(list(loader)) == 4


def test_the_loader_finds_its_sampler_and_no_other():
    dataset = tensors()
    plain = ResumableLoader(
        dataset,
        batch_sampler=BatchSampler(SMOTESampler(dataset), BATCH, drop_last=False),
        generator=torch.Generator(),
    )
    assert [plain.state_dict()["position"] for _ in plain][:2] == [BATCH, 2 * BATCH]

    class Stateful(SequentialSampler):
        def state_dict(self):
            return {"of": "another library"}

    other = ResumableLoader(dataset, BATCH, sampler=Stateful(dataset), generator=torch.Generator())
    assert len(list(other)) == STEPS
    assert other.state_dict() == {}


def _loader(workers=0, batch_size=BATCH, **given):
    dataset = tensors()
    return ResumableLoader(
        dataset,
        batch_size,
        sampler=SMOTESampler(dataset),
        num_workers=workers,
        multiprocessing_context="fork" if workers else None,
        generator=torch.Generator().manual_seed(0),
        **given,
    )
