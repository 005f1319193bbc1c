"""Runs of Lightning's Trainer that remember batches; at module level, so that other processes import them."""

from __future__ import annotations

from typing import Any

import lightning.pytorch as pl
import torch
from loop_data import D, table
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from torchsmote import SMOTE, EmbeddingSMOTE
from torchsmote.data import BalancedBatchSampler, SMOTESampler
from torchsmote.lightning import SMOTEDataModule

BATCH = 8


class Net(pl.LightningModule):
    """A linear layer that remembers what it was given."""

    def __init__(self, smote: EmbeddingSMOTE | None = None) -> None:
        super().__init__()
        self.layer = nn.Linear(D, 2)
        nn.init.zeros_(self.layer.weight)
        self.smote = smote
        self.trained: list[tuple[int, int, Tensor, Tensor]] = []
        self.validated: list[Tensor] = []
        self.lengths: list[tuple[int, int]] = []

    def on_train_batch_start(self, *_: Any) -> None:
        # Not on_train_epoch_start, which Lightning leaves out where it resumes after an epoch's last batch.
        if self.smote is not None:
            self.smote.set_epoch(self.current_epoch)

    def training_step(self, batch: Any, number: int) -> Tensor:
        x, y = batch
        self.trained.append((self.current_epoch, number, x.clone(), y.clone()))
        if self.smote is not None:
            x, y = self.smote(x, y)
            self.lengths.append((self.current_epoch, len(x)))
        return nn.functional.cross_entropy(self.layer(x), y)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.parameters(), 0.1)


class Validated(Net):
    """And what it was validated on."""

    def validation_step(self, batch: Any, number: int) -> None:
        self.validated.append(batch[0].clone())


class Save(pl.Callback):
    """Saves a checkpoint after some steps."""

    def __init__(self, folder: Any, steps: Any) -> None:
        self.folder, self.steps = folder, steps

    def on_train_batch_end(self, trainer: pl.Trainer, *_: Any) -> None:
        if trainer.global_step in self.steps:
            trainer.save_checkpoint(f"{self.folder}/{trainer.global_step}.ckpt")


def data(**given: Any) -> SMOTEDataModule:
    """60 rows, 36 synthetic ones; 12 batches in one process."""
    given = {"resampler": SMOTE(k_neighbors=3), "batch_size": BATCH, **given}
    if given.get("num_workers"):
        given["multiprocessing_context"] = "fork"
    return SMOTEDataModule(TensorDataset(*table()), **given)


def trainer(epochs: int = 2, **given: Any) -> pl.Trainer:
    """A Trainer on the CPU that writes nothing."""
    return pl.Trainer(
        **{
            "accelerator": "cpu",
            "devices": 1,
            "max_epochs": epochs,
            "logger": False,
            "enable_checkpointing": False,
            "enable_progress_bar": False,
            "enable_model_summary": False,
            "num_sanity_val_steps": 0,
            **given,
        }
    )


def fit(loaders: Any, epochs: int = 2, net: Net | None = None, path: str | None = None, **given: Any) -> Net:
    """Train; the net has what it saw."""
    net = Net() if net is None else net
    trainer(epochs, **given).fit(net, loaders, ckpt_path=path)
    return net


def rows(net: Net, epoch: int | None = None) -> Tensor:
    """Features and label of everything trained on, in order, shape (n, D + 1)."""
    own = [torch.cat((x, y[:, None]), 1) for at, _, x, y in net.trained if epoch in (None, at)]
    return torch.cat(own) if own else torch.empty(0, D + 1)


def two_ranks(rank: int, folder: str) -> dict[str, Any]:
    """What one of two processes reads, in runs of all kinds."""
    ranks = {"strategy": "ddp", "devices": 2}
    found: dict[str, Any] = {}
    for workers, persistent in ((0, None), (2, None), (2, False)):
        saved = f"{folder}/{workers}{persistent}"
        module = data(num_workers=workers, persistent_workers=persistent)
        net = fit(module, callbacks=[Save(saved, (2, 9))], **ranks)
        found[f"{workers} {persistent}"] = rows(net)
        again = fit(data(num_workers=2 - workers), path=f"{saved}/9.ckpt", **ranks)
        found[f"{workers} {persistent} resumed"] = rows(again)
    own = {"balanced": {0: 0.75, 1: 0.25}}
    found["balanced"] = fit(data(**own), callbacks=[Save(f"{folder}/balanced", (3,))], **ranks).trained
    found["balanced resumed"] = fit(data(**own), path=f"{folder}/balanced/3.ckpt", **ranks).trained
    found["from one"] = rows(fit(data(), path=f"{folder}/one/5.ckpt", **ranks))
    found["validated"] = fit(data(val=TensorDataset(*table())), net=Validated(), epochs=1, **ranks).validated
    dataset = module.train_dataset
    found["plain"] = rows(fit(DataLoader(dataset, BATCH, sampler=SMOTESampler(dataset)), **ranks))
    try:
        fit(DataLoader(dataset, batch_sampler=BalancedBatchSampler(dataset, BATCH)), **ranks)
    except TypeError as error:
        found["refused"] = str(error)
    return found
