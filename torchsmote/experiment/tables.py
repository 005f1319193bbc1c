"""Load the demo's table, split it by seed, and standardise it on the training part alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from sklearn.preprocessing import StandardScaler
from sklearn.utils import Bunch
from torch import Tensor

from ..datasets import fetch_kdd04, load_digits_imbalanced, split_by_group
from .settings import Settings

__all__ = ["Part", "Parts", "load_table", "split_table"]

_DIGITS_RATIO = 10
_RARE_DIGITS = 7  # from this digit on: the three rarest


class Part(NamedTuple):
    """Rows of one part of a table.

    Attributes:
        X: Standardised features, float32, shape (n, d).
        y: 1 for the rare class, else 0, int64, shape (n,).
    """

    X: Tensor
    y: Tensor


class Parts(NamedTuple):
    """The three parts of a table."""

    train: Part
    validation: Part
    test: Part


def load_table(settings: Settings, say: Callable[[str], None] | None = None) -> Bunch:
    """Load the table that ``settings`` names, its target 1 for the rare class and 0 for the rest.

    The digits are made long-tailed (ratio 10) and the three rarest, 7 to 9, are the rare class.

    Args:
        settings: Which table, and where it is cached.
        say: Called with what is done, such as "reading KDD04", before it is done.

    Raises:
        ConnectionError: If it has to be downloaded and there is no network.
    """
    if settings.data == "kdd04":
        return fetch_kdd04(settings.data_home, say=say)
    if say is not None:
        say("reading the digits")
    table = load_digits_imbalanced(_DIGITS_RATIO)
    table.target = (table.target >= _RARE_DIGITS).astype(np.int64)
    return table


def split_table(table: Bunch, seed: int) -> Parts:
    """Cut a table into train, validation and test; no group is in two of them.

    The seed changes the split too, not only the weights and the batches: blocks of KDD04 differ more from
    each other than two trainings do, so figures over one split would say how the network varies and nothing
    about new blocks. Five consecutive seeds test every row exactly once.

    Args:
        table: As ``load_table`` returns it.
        seed: In [0, 2**32).
    """
    split = split_by_group(table.target, table.groups, seed=seed)
    scaler = StandardScaler().fit(table.data[split.train].astype(np.float64))
    parts = []
    for rows in split:
        scaled = scaler.transform(table.data[rows].astype(np.float64)).astype(np.float32)
        parts.append(Part(torch.from_numpy(scaled), torch.from_numpy(table.target[rows])))
    return Parts(*parts)
