"""What it costs to search neighbors again while a network trains, and to add rows to a dataset.

    python benchmarks/bench_refresh.py [--rows 20000] [--epochs 12]

A table of 64 columns, float32, 5 % minority; an MLP (64-256-64, then the head) trained by a TensorLoader.
Each epoch ends in `RefreshNeighbors.epoch_end`, with every=2, in front and in the background. "stall" is how
long epoch_end keeps training waiting for one refresh; "epoch" is an epoch without and with a thread at work.
Then 5 % new rows: `IncrementalNeighbors` beside a fit from the beginning.
"""

from __future__ import annotations

import argparse
import copy
import json
import statistics
import time
from typing import Any

import torch
from common import machine_info, measure, write_result
from torch import Tensor, nn
from torch.utils.data import TensorDataset

from torchsmote import ADASYN, SMOTE, IncrementalNeighbors, RefreshNeighbors, SMOTEDataset, TensorLoader

D = 64


def table(n: int) -> tuple[Tensor, Tensor]:
    """Rows and labels; the minority is a little apart."""
    generator = torch.Generator().manual_seed(0)
    y = (torch.rand(n, generator=generator) < 0.05).long()
    return torch.randn(n, D, generator=generator) + 0.3 * y[:, None], y


def train(resampler: Any, n: int, epochs: int, background: bool | None) -> dict[str, float]:
    """Median seconds of an epoch and of a stall; None: no refresh."""
    data = SMOTEDataset(TensorDataset(*table(n)), resampler)
    body = nn.Sequential(nn.Linear(D, 256), nn.ReLU(), nn.Linear(256, D))
    net = nn.Sequential(body, nn.ReLU(), nn.Linear(D, 2))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
    loader = TensorLoader(data, 256)
    refresh = RefreshNeighbors(data, body, every=2, background=bool(background))
    seconds: dict[str, list[float]] = {"epoch": [], "epoch beside a search": [], "stall": []}
    with refresh:
        for epoch in range(epochs):
            start = time.perf_counter()
            for x, y in loader:
                nn.functional.cross_entropy(net(x), y).backward()
                optimizer.step()
                optimizer.zero_grad()
            trained = time.perf_counter()
            # A search in the background is under way in every second epoch, from epoch 2 on.
            beside = bool(background) and epoch >= 2 and epoch % 2 == 0
            if epoch:
                seconds["epoch beside a search" if beside else "epoch"].append(trained - start)
            if background is not None:
                refresh.epoch_end(epoch)
                if epoch:
                    seconds["stall"].append(time.perf_counter() - trained)
    found = {
        name: statistics.median(values) for name, values in seconds.items() if values and name != "stall"
    }
    pairs = list(zip(seconds["stall"][::2], seconds["stall"][1::2], strict=False))
    return {**found, "stall": statistics.median(map(sum, pairs))} if pairs else found


def added(resampler: Any, n: int) -> dict[str, float]:
    """Median seconds of a dataset that grew by 5 %, made anew and incrementally."""
    X, y = table(n)
    first = n * 19 // 20
    growing = IncrementalNeighbors(resampler)
    growing.dataset(TensorDataset(X[:first], y[:first]))
    calls = {
        "anew": lambda: SMOTEDataset(TensorDataset(X, y), resampler),
        "incremental": lambda: copy.copy(growing).dataset(TensorDataset(X, y)),  # each from the same state
    }
    return {name: statistics.median(values) for name, values in measure(calls).items()}


def main() -> None:
    """Measure and write benchmarks/results/refresh.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--epochs", type=int, default=12)
    arguments = parser.parse_args()
    result: dict[str, Any] = {"machine": machine_info(), "rows": arguments.rows, "columns": D}
    for resampler in (SMOTE(), ADASYN()):
        name = type(resampler).__name__
        result[name] = {"added": added(resampler, arguments.rows)}
        if name == "ADASYN":  # its counts may change with the neighbors, which a refresh refuses
            continue
        for way, background in (("without", None), ("in front", False), ("in the background", True)):
            torch.manual_seed(0)
            result[name][way] = train(resampler, arguments.rows, arguments.epochs, background)
    write_result("refresh", result)
    print(json.dumps({name: result[name] for name in ("SMOTE", "ADASYN")}, indent=2))


if __name__ == "__main__":
    main()
