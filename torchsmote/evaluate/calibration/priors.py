"""Shares of the classes: read from numbers, and from labels."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ...targets import distinct

__all__ = ["Prior", "read_prior", "shares_of"]

Prior = float | Sequence[float] | Tensor
_ROUNDING = 1e-4  # shares given with four digits


def read_prior(prior: Any, name: str) -> Tensor:
    """One share a class, float32, shape (C,); of the positive class alone, shape (2,).

    Args:
        prior: Share of the positive class, or of each class; those of a pandas series go by its index, which
            `value_counts` leaves in the order of frequency.
        name: The argument's, for messages.

    Raises:
        TypeError: If it is no number and holds none.
        ValueError: If a share is not between 0 and 1, or they do not sum to 1.
    """
    if hasattr(prior, "sort_index"):
        prior = prior.sort_index().to_numpy()
    if isinstance(prior, np.ndarray):
        prior = prior.tolist()
    if isinstance(prior, Real) or (isinstance(prior, Tensor) and not prior.dim()):
        prior = [1 - float(prior), float(prior)]
    elif isinstance(prior, str) or not hasattr(prior, "__len__"):
        raise TypeError(
            f"`{name}` must be the share of the positive class, or one share a class, got {prior!r}"
        )
    try:
        values = torch.as_tensor(prior, dtype=torch.float64, device="cpu").detach()
    except (TypeError, ValueError, RuntimeError) as error:
        raise TypeError(f"`{name}` must hold one share a class, got {prior!r}") from error
    if values.dim() != 1 or len(values) < 2:
        raise ValueError(
            f"`{name}` must be the share of the positive class, or have shape (n_classes,), got shape "
            f"{tuple(values.shape)}"
        )
    if not bool(((values.float() > 0) & (values < 1)).all()):
        raise ValueError(f"`{name}` must have shares above 0 and below 1, got {values.tolist()}")
    if abs(float(values.sum()) - 1) > _ROUNDING:
        raise ValueError(
            f"`{name}` must sum to 1, got {values.tolist()}; of counts give counts / counts.sum(), or use "
            "PriorCorrection.from_labels"
        )
    return values.float()


def shares_of(y_train: Any, y_true: Any) -> tuple[Tensor, Tensor]:
    """Shares of the classes, in sorted order, among labels as trained on and as they are.

    Raises:
        ValueError: If the two do not have the same classes, at least two.
    """
    labels = {"y_train": distinct(y_train, "y_train"), "y_true": distinct(y_true, "y_true")}
    names = {name: classes.tolist() for name, (_, classes, _) in labels.items()}
    if names["y_train"] != names["y_true"] or len(names["y_true"]) < 2:
        raise ValueError(
            "`y_train` and `y_true` must have the same classes, at least two, got "
            f"{names['y_train']} and {names['y_true']}"
        )
    train, true = (torch.from_numpy(np.bincount(codes) / len(codes)) for _, _, codes in labels.values())
    return train, true
