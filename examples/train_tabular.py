"""Train a network on an imbalanced table in several ways, and compare them over seeds.

    python examples/train_tabular.py --config configs/kdd04.yaml
    python examples/train_tabular.py --config configs/digits.yaml --seeds 3

The five ways of the demo are functions of a few lines each in torchsmote/experiment/methods.py. Below is a
sixth, to show how to add your own; it runs when the config's `methods` names it:

    python examples/train_tabular.py --config configs/digits.yaml --methods "[as is, BorderlineSMOTE]"
"""

from __future__ import annotations

import sys

import torch
from torch.utils.data import DataLoader, TensorDataset

from torchsmote import BorderlineSMOTE, SMOTEDataset, SMOTESampler
from torchsmote.cli import exit_status
from torchsmote.experiment import METHODS, Part, Plan, Settings, TabularMLP, read_settings, run_demo


def borderline(train: Part, settings: Settings, seed: int) -> Plan:
    """BorderlineSMOTE in the DataLoader."""
    resampler = BorderlineSMOTE(sampling_strategy=settings.sampling_strategy)
    dataset = SMOTEDataset(TensorDataset(train.X, train.y), resampler, seed=seed)
    loader = DataLoader(
        dataset,
        batch_size=settings.batch_size,
        sampler=SMOTESampler(dataset, seed=seed),  # it shuffles, and moves on to fresh rows every epoch
        drop_last=True,
        generator=torch.Generator().manual_seed(seed),
    )
    return Plan(loader, TabularMLP(train.X.shape[1], settings.hidden, seed=seed))


def main() -> int:
    """Read the settings, train, print the table and what was written."""
    settings, _ = read_settings()
    print(run_demo(settings, {**METHODS, "BorderlineSMOTE": borderline}))
    return 0


if __name__ == "__main__":
    sys.exit(exit_status("python examples/train_tabular.py", main))
