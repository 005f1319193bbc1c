"""Accelerate: the plain loop over a SMOTESampler, prepared; Accelerate shares its batches out to processes.

Trains a small network on the digits, in any number of processes; stops a second run in the middle of an
epoch, resumes it, and compares the weights.

python examples/train_accelerate.py
torchrun --nproc_per_node 2 examples/train_accelerate.py
"""

from __future__ import annotations

import shutil
import tempfile

import torch
from accelerate import Accelerator, skip_first_batches
from accelerate.utils import broadcast_object_list
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from torchsmote import SMOTEDataset, SMOTESampler, load_digits_imbalanced

EPOCHS = 4


def train(folder: str, start: int = 0, done: int = 0, stop: tuple[int, int] | None = None) -> torch.Tensor:
    """The weights after training from a batch of an epoch on, up to another; a stop saves to the folder."""
    accelerator = Accelerator(cpu=True)
    digits = load_digits_imbalanced(imbalance_ratio=20)
    X, y = torch.from_numpy(digits.data) / 16, torch.from_numpy(digits.target)
    dataset = SMOTEDataset(TensorDataset(X, y), seed=0)
    # The sampler of one process, in any number of them: Accelerate shares its batches out.
    loader = DataLoader(dataset, batch_size=32, sampler=SMOTESampler(dataset, seed=0))
    torch.manual_seed(0)  # of the initial weights
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    model, optimizer, loader = accelerator.prepare(model, optimizer, loader)
    if start == done == 0:
        accelerator.print(
            f"processes: {accelerator.num_processes}, batches of each in an epoch: {len(loader)}"
        )
    else:
        accelerator.load_state(folder)
    for epoch in range(start, EPOCHS):
        loader.set_epoch(epoch)  # every time: a resumed run begins with its own epoch
        skipped = done if epoch == start else 0
        for number, (rows, labels) in enumerate(skip_first_batches(loader, skipped), skipped):
            if (epoch, number) == stop:
                accelerator.save_state(folder)
                accelerator.print(f"stopped in epoch {epoch} after {number} of {len(loader)} batches")
                return torch.empty(0)
            loss = nn.functional.cross_entropy(model(rows), labels)
            optimizer.zero_grad()
            accelerator.backward(loss)
            optimizer.step()
        accelerator.print(f"epoch {epoch}: loss of its last batch {loss.item():.3f}")
    return torch.cat([weight.detach().flatten() for weight in model.parameters()])


accelerator = Accelerator(cpu=True)
made = tempfile.mkdtemp() if accelerator.is_main_process else None
(folder,) = broadcast_object_list([made])  # the same in every process
whole = train(folder)
train(folder, stop=(2, 7))
resumed = train(folder, start=2, done=7)
accelerator.print(f"resumed: same weights to the last bit: {torch.equal(whole, resumed)}")
accelerator.wait_for_everyone()
shutil.rmtree(folder, ignore_errors=True)
