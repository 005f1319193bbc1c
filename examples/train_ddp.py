"""Plain PyTorch on one process or several: each rank reads its share, and a run goes on where it stopped.

python examples/train_ddp.py
torchrun --standalone --nproc-per-node 2 examples/train_ddp.py    # two, which take the same steps together
python examples/train_ddp.py --checkpoint run.pt --stop-after 30
python examples/train_ddp.py --checkpoint run.pt    # goes on with step 31; so would several processes

Prints the loss after each epoch and, at the end, how many held-out digits are right: the same for any number
of processes, broken off or not, up to rounding.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, TensorDataset

from torchsmote import DistributedSMOTESampler, SMOTEDataset, load_digits_imbalanced

EPOCHS, ROWS = 3, 64  # rows of a step on all ranks together, so that their number changes nothing

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--checkpoint", type=Path, help="written after each step; where it exists, go on from it")
parser.add_argument("--stop-after", type=int, metavar="STEPS", help="break off, as a time limit would")
args = parser.parse_args()

rank, ranks = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
if ranks > 1:
    distributed.init_process_group("gloo")  # "nccl" on GPUs

digits = load_digits_imbalanced(imbalance_ratio=20, test=20)
dataset = SMOTEDataset(TensorDataset(torch.from_numpy(digits.data) / 16, torch.from_numpy(digits.target)))
sampler = DistributedSMOTESampler(dataset, ranks, rank, seed=0)
loader = DataLoader(dataset, ROWS // ranks, sampler=sampler, generator=torch.Generator().manual_seed(0))

torch.manual_seed(0)  # of the initial weights
net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
step = 0
if args.checkpoint and args.checkpoint.exists():
    saved = torch.load(args.checkpoint)
    net.load_state_dict(saved["net"])
    optimizer.load_state_dict(saved["optimizer"])
    sampler.load_state_dict(saved["sampler"])  # refused where the data or the seed are others
    step = saved["step"]
    if rank == 0:
        print(f"going on after step {step}")
model = DistributedDataParallel(net) if ranks > 1 else net

last = min(EPOCHS * len(loader), args.stop_after or EPOCHS * len(loader))
while step < last:
    for x, y in loader:  # the next epoch, or what is left of the one in which the state was saved
        loss = nn.functional.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        step += 1
        if args.checkpoint and rank == 0:
            # Without workers the sampler has handed out what has been used; see docs/training_loops.md.
            state = {
                "net": net.state_dict(),
                "optimizer": optimizer.state_dict(),
                "sampler": sampler.state_dict(),
            }
            partial = args.checkpoint.with_suffix(".partial")
            torch.save({**state, "step": step}, partial)
            partial.replace(args.checkpoint)  # so that a crash leaves the old checkpoint or the new one
        if step == last:
            break
    with torch.no_grad():
        loss = nn.functional.cross_entropy(net(dataset.dataset.tensors[0]), dataset.dataset.tensors[1])
    if rank == 0:
        print(f"step {step}: loss on the real rows {loss:.3f}")

right = net(torch.from_numpy(digits.test_data) / 16).argmax(1) == torch.from_numpy(digits.test_target)
if rank == 0:
    print(f"{dataset.n_real} real rows, {dataset.n_synthetic} synthetic ones, {ranks} process(es)")
    print(f"{int(right.sum())} of {len(right)} held-out digits are right")
if ranks > 1:
    distributed.destroy_process_group()
