"""Stop in the middle of an epoch and go on: torchdata's StatefulDataLoader over a SMOTEDataset.

    python examples/resume_stateful_loader.py

Two trainings of the same network: one undisturbed, the other stopped after 30 steps, saved to a file and
taken up by new objects, as after a crash. Both read the same rows, real and synthetic, and end with the same
weights. The loader's worker processes read ahead; its state counts only the batches that training has seen.
Needs the extra ``trainers``.
"""

from __future__ import annotations

import tempfile
import warnings
from itertools import islice
from pathlib import Path

import torch
from torch import nn
from torch.utils.data import TensorDataset
from torchdata.stateful_dataloader import StatefulDataLoader

from torchsmote import SMOTEDataset, SMOTESampler, load_digits_imbalanced

EPOCHS, STOP_AFTER = 3, 30

digits = load_digits_imbalanced(imbalance_ratio=20)
X, y = torch.from_numpy(digits.data) / 16, torch.from_numpy(digits.target)


class Run:
    """A network, its optimizer and its loader: everything that a checkpoint has to hold."""

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=1e-2)
        dataset = SMOTEDataset(TensorDataset(X, y), seed=0)
        sampler = SMOTESampler(dataset, seed=0)
        with warnings.catch_warnings():  # torchdata 0.11 calls what torch 2.13 has deprecated
            warnings.simplefilter("ignore", UserWarning)
            self.loader = StatefulDataLoader(dataset, batch_size=64, sampler=sampler, num_workers=2)
        self.parts = {"model": self.model, "optimizer": self.optimizer, "loader": self.loader}

    def train(self, epochs: int, steps: int | None = None) -> int:
        """Train for some epochs, at most some steps; the number of steps made."""
        made = 0
        for _ in range(epochs):
            for rows, labels in islice(self.loader, None if steps is None else steps - made):
                loss = nn.functional.cross_entropy(self.model(rows), labels)
                self.optimizer.zero_grad()
                loss.backward()
                self.optimizer.step()
                made += 1
            if made == steps:
                break
        return made

    def save(self, file: Path) -> None:
        """Write the checkpoint."""
        torch.save({name: part.state_dict() for name, part in self.parts.items()}, file)

    def load(self, file: Path) -> None:
        """Take up the checkpoint."""
        for name, state in torch.load(file, weights_only=False).items():
            self.parts[name].load_state_dict(state)


def main() -> None:
    """Train both ways and compare."""
    undisturbed = Run()
    per_epoch = len(undisturbed.loader)
    print(f"undisturbed: {undisturbed.train(EPOCHS)} steps, {per_epoch} an epoch")
    with tempfile.TemporaryDirectory() as folder:
        stopped = Run()
        stopped.train(EPOCHS, steps=STOP_AFTER)
        stopped.save(Path(folder) / "checkpoint.pt")
        epoch, step = divmod(STOP_AFTER, per_epoch)
        print(f"stopped in epoch {epoch}, after its step {step}")
        resumed = Run()
        resumed.load(Path(folder) / "checkpoint.pt")
    print(f"resumed: {resumed.train(EPOCHS - epoch)} steps more")
    pairs = zip(undisturbed.model.parameters(), resumed.model.parameters(), strict=True)
    print("same weights to the last bit:", all(torch.equal(a, b) for a, b in pairs))


if __name__ == "__main__":
    main()
