"""Small data sets of the training-loop tests; at module level, so that spawned workers can import them."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, TensorDataset

from torchsmote import SMOTE
from torchsmote.data import SMOTEDataset

N, RARE, D = 60, 12, 4
BATCH = 8
Point = namedtuple("Point", ["x", "y"])


def table(
    seed: int = 0, n: int = N, rare: int = RARE, dtype: torch.dtype = torch.float32
) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    X = torch.randn(n, D, generator=generator).to(dtype)
    y = torch.zeros(n, dtype=torch.int64)
    y[torch.randperm(n, generator=generator)[:rare]] = 1
    return X, y


def tensors(**given: Any) -> SMOTEDataset:
    """60 rows, 12 of them rare: 36 synthetic rows."""
    return SMOTEDataset(TensorDataset(*table()), SMOTE(k_neighbors=3), **given)


class Items(Dataset[Any]):
    """Items of a given form over the same table; remembers what was asked of it."""

    def __init__(self, form: str = "tuple") -> None:
        self.X, self.y = table()
        self.form = form
        self.asked: list[int] = []

    def __len__(self) -> int:
        return len(self.X)

    def __getitem__(self, index: int) -> Any:
        self.asked.append(index)
        x, y = self.X[index], int(self.y[index])
        return {
            "tuple": lambda: (x, y),
            "list": lambda: [x, y],
            "named": lambda: Point(x, y),
            "dict": lambda: {"x": x, "id": index, "label": y},
            "nested": lambda: ({"a": x, "b": [x * 2, index]}, y),
            "numpy": lambda: (x.numpy(), np.int64(y)),
            "numbers": lambda: (x, y, float(x[0]), np.float32(x[1]), "name"),
            "image": lambda: (x.reshape(1, 2, 2), y),
            "float label": lambda: (x, float(y)),
            "tensor label": lambda: (x, torch.tensor(y)),
        }[self.form]()


def same(a: Any, b: Any) -> bool:
    """Whether two items or batches are of one structure and equal bit by bit."""
    if type(a) is not type(b):
        return False
    if isinstance(a, Tensor):
        return a.dtype == b.dtype and a.device == b.device and torch.equal(a, b)
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and np.array_equal(a, b)
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, (tuple, list)):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    return bool(a == b)


def load(data: Any, sampler: Any = None, workers: int = 0, **given: Any) -> DataLoader[Any]:
    """A loader with a generator of its own: it draws a seed for its workers, else from the global one."""
    if workers:
        given.setdefault("multiprocessing_context", "fork")
    return DataLoader(
        data,
        BATCH,
        sampler=sampler,
        num_workers=workers,
        generator=torch.Generator().manual_seed(0),
        **given,
    )
