"""A table of which each process holds some rows: over-sampled, searched, and fitted for a training loop.

python examples/sharded_table.py                                           # one process
torchrun --standalone --nproc-per-node 2 examples/sharded_table.py         # two; any number will do

Prints what each process has before and after; and that all of them together have, to the last bit, what one
process makes of the whole table.
"""

from __future__ import annotations

import os

import torch
from torch import distributed
from torch.utils.data import DataLoader, TensorDataset

from torchsmote import SMOTE, DistributedSMOTESampler, SMOTEDataset, knn, load_digits_imbalanced
from torchsmote.distributed import fit_resample, recipe

if "RANK" in os.environ:
    distributed.init_process_group("gloo")  # "nccl" where each process has a GPU and its rows are on it
else:
    distributed.init_process_group("gloo", store=distributed.HashStore(), rank=0, world_size=1)
rank, world = distributed.get_rank(), distributed.get_world_size()

# Here every process reads the whole small table, and then works with its own rows alone.
digits = load_digits_imbalanced(imbalance_ratio=10)
X_all, y_all = torch.from_numpy(digits.data) / 16, torch.from_numpy(digits.target)
first, end = len(X_all) * rank // world, len(X_all) * (rank + 1) // world
X, y = X_all[first:end], y_all[first:end]


def say(line: str) -> None:
    """Print the lines of all processes in the order of ranks."""
    lines: list[str] = [""] * world
    distributed.all_gather_object(lines, line)
    if rank == 0:
        print("\n".join(lines), flush=True)


# The table door: this rank's rows first, then an equal share of the synthetic ones.
X_more, y_more = fit_resample(SMOTE(random_state=0), X, y)
say(f"rank {rank} of {world}: rows {first} to {end - 1}, and {len(X_more) - len(X)} synthetic ones")
X_one, y_one = SMOTE(random_state=0).fit_resample(X_all, y_all)
shares = [None] * world
distributed.all_gather_object(shares, (X_more[len(X) :], y_more[len(X) :]))
same = torch.equal(torch.cat([share[0] for share in shares]), X_one[len(X_all) :])
say(f"rank {rank}: together the rows that one process makes: {same}")

# Neighbours of this rank's rows among the rows of all ranks, numbered in the order of ranks.
found = knn(X, k=5, exclude_self=True, group=distributed.group.WORLD)
same = torch.equal(found.indices, knn(X_all, k=5, exclude_self=True).indices[first:end])
say(f"rank {rank}: the neighbours that one process finds: {same}")

# The training loop: fitted together, so no process searched it all; read by each from a table all can read.
dataset = SMOTEDataset(TensorDataset(X_all, y_all), SMOTE(), recipe=recipe(SMOTE(), X, y), seed=0)
loader = DataLoader(dataset, 64, sampler=DistributedSMOTESampler(dataset, seed=0))
rows = sum(len(labels) for _, labels in loader)
say(f"rank {rank}: {rows} of the {len(dataset)} rows of epoch 0")
distributed.destroy_process_group()
