"""Lightning: SMOTEDataModule resamples the training set alone, and a checkpoint resumes its stream of rows.

Trains a small network on the digits, then resumes the run from a checkpoint of the middle of an epoch, and
compares the weights.

python examples/train_lightning.py
"""

from __future__ import annotations

import tempfile
from typing import Any

import lightning as L
import torch
from lightning.pytorch.callbacks import ModelCheckpoint
from sklearn.model_selection import train_test_split
from torch import Tensor, nn
from torch.utils.data import TensorDataset

from torchsmote import SMOTE, load_digits_imbalanced
from torchsmote.lightning import SMOTEDataModule

EPOCHS, STEP = 6, 40


class Digits(L.LightningModule):
    """64 pixels to 10 digits."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)  # of the initial weights
        self.net = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
        self.hits: list[tuple[Tensor, Tensor]] = []

    def training_step(self, batch: Any, number: int) -> Tensor:
        """Real and synthetic rows."""
        x, y = batch
        return nn.functional.cross_entropy(self.net(x), y)

    def validation_step(self, batch: Any, number: int) -> None:
        """Real rows alone."""
        x, y = batch
        self.hits.append((self.net(x).argmax(1) == y, y))

    def on_validation_epoch_end(self) -> None:
        """Print the mean recall of the digits."""
        hit, y = (torch.cat(parts).to(torch.float32) for parts in zip(*self.hits, strict=True))
        self.hits.clear()
        recalls = torch.stack([hit[y == digit].mean() for digit in y.unique()])
        self.print(
            f"epoch {self.current_epoch}: {len(y)} validation rows, balanced accuracy {recalls.mean():.3f}"
        )

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Adam."""
        return torch.optim.Adam(self.parameters(), 1e-2)


def train(folder: str, resume_from: str | None = None) -> Digits:
    """Fit a new network to a new module's data; with a checkpoint after every 40 steps."""
    digits = load_digits_imbalanced(imbalance_ratio=10)
    X, y = torch.from_numpy(digits.data) / 16, torch.from_numpy(digits.target)
    rows, val_rows = train_test_split(range(len(y)), test_size=0.3, stratify=y, random_state=0)
    data = SMOTEDataModule(
        TensorDataset(X[rows], y[rows]),
        val=TensorDataset(X[val_rows], y[val_rows]),
        resampler=SMOTE(k_neighbors=5),
        batch_size=64,
        seed=0,
    )
    keep = ModelCheckpoint(dirpath=folder, filename="{step}", every_n_train_steps=STEP, save_top_k=-1)
    trainer = L.Trainer(
        max_epochs=EPOCHS,
        accelerator="cpu",
        devices=1,  # with devices=2, strategy="ddp" and batch_size=32: the same rows, shared out
        callbacks=[keep],
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
    )
    model = Digits()
    trainer.fit(model, data, ckpt_path=resume_from)
    return model


with tempfile.TemporaryDirectory() as folder:
    undisturbed = train(folder)
    print(f"again, from the checkpoint after step {STEP}, in the middle of epoch 2:")
    resumed = train(folder, f"{folder}/step={STEP}.ckpt")
same = all(torch.equal(a, b) for a, b in zip(undisturbed.parameters(), resumed.parameters(), strict=True))
print(f"same weights to the last bit: {same}")
