"""Rows a second of the training-loop door, beside torch's DataLoader and a bare gather-and-interpolate loop.

    python benchmarks/bench_loader.py [--repeats 7]

200,000 x 64 float32, 10 % minority, batches of 512, no worker processes, one process, the same threads for
all. Each side reads one whole epoch, its shuffling and drawing included; the bare loop has its shuffled base
and neighbor rows and its steps ready before the clock starts.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from statistics import quantiles
from typing import Any

import torch
from common import machine_info, measure, write_result
from torch import Tensor
from torch.utils.data import DataLoader, TensorDataset

from torchsmote.data import SMOTEDataset, SMOTESampler, TensorLoader

N, D, MINORITY, BATCH = 200_000, 64, 20_000, 512


def table() -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    X = torch.randn(N, D, generator=generator)
    y = torch.zeros(N, dtype=torch.int64)
    y[torch.randperm(N, generator=generator)[:MINORITY]] = 1
    return X, y


def exhaust(batches: Iterable[Any]) -> Callable[[], None]:
    def run() -> None:
        for _ in batches:
            pass

    return run


def bare_loop(X: Tensor, y: Tensor, data: SMOTEDataset) -> Callable[[], None]:
    """The least that any loader of this shape does: two gathers and an interpolation for each batch."""
    order = torch.randperm(len(data), generator=torch.Generator().manual_seed(0))
    base, neighbor, step = data.provenance(order)
    step = step.unsqueeze(1)

    def run() -> None:
        for start in range(0, len(base), BATCH):
            part = slice(start, start + BATCH)
            rows = base[part]
            torch.lerp(X.index_select(0, rows), X.index_select(0, neighbor[part]), step[part])
            y.index_select(0, rows)

    return run


def main(repeats: int) -> None:
    X, y = table()
    plain = TensorDataset(X, y)
    data = SMOTEDataset(plain, seed=0)
    sides = {
        "DataLoader(TensorDataset, shuffle=True)": (
            exhaust(DataLoader(plain, batch_size=BATCH, shuffle=True)),
            len(plain),
        ),
        "DataLoader(SMOTEDataset, sampler=SMOTESampler)": (
            exhaust(DataLoader(data, batch_size=BATCH, sampler=SMOTESampler(data))),
            len(data),
        ),
        "TensorLoader(SMOTEDataset)": (exhaust(TensorLoader(data, batch_size=BATCH)), len(data)),
        "bare index_select and lerp": (bare_loop(X, y, data), len(data)),
    }
    seconds = measure({name: run for name, (run, _) in sides.items()}, repeats)
    rows = []
    for name, (_, n) in sides.items():
        low, middle, high = quantiles(seconds[name], n=4)
        rows.append({"side": name, "rows_per_s": n / middle, "low": n / high, "high": n / low})
        print(f"{name:48s} {n / middle / 1e6:8.3f} M rows/s  [{n / high / 1e6:.3f}, {n / low / 1e6:.3f}]")
    speed = {row["side"]: row["rows_per_s"] for row in rows}
    peer, dataset, loader, bare = speed.values()
    ratios = {"dataset/plain": dataset / peer, "dataset/bare": dataset / bare, "loader/bare": loader / bare}
    print("  ".join(f"{name} {value:.2f}" for name, value in ratios.items()))
    shape = {"n": N, "d": D, "minority": MINORITY, "batch": BATCH, "length": len(data)}
    write_result(
        "loader", {"machine": machine_info(), "repeats": repeats, "shape": shape, "rows": rows, **ratios}
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=7)
    main(parser.parse_args().repeats)
