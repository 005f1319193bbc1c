"""Which rows a head is trained on: class-balanced draws, or resampled embeddings."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable
from typing import Any

import torch
from sklearn.base import clone
from torch import Tensor

from ...exceptions import FewSamplesWarning
from ...over_sampling import EOS, SMOTE
from ...random import Purpose, stream_seed
from .embed import Embedded

__all__ = ["METHODS", "Order", "balanced_order", "check_method", "name_of", "resample", "shuffled_order"]

METHODS = ("crt", "lws", "tau", "smote", "eos")

Order = Callable[[int], Tensor]  # epoch -> rows in the order in which they are trained on, int64, on the CPU

_EOS_NEIGHBORS = 10  # the paper's


def check_method(method: Any) -> None:
    """Raise unless it is one of the names, or a resampler object."""
    if isinstance(method, type):
        raise TypeError(
            f"`method` is the class {method.__name__}; give an object of it: method={method.__name__}()"
        )
    if isinstance(method, str):
        if method not in METHODS:
            raise ValueError(f"`method` must be a resampler or one of {', '.join(METHODS)}; got {method!r}")
    elif not callable(getattr(method, "fit_resample", None)):
        raise TypeError(
            f"`method` must be one of {', '.join(METHODS)}, or a resampler object such as SMOTE(), got "
            f"{type(method).__name__}"
        )


def name_of(method: Any) -> str:
    """What a report calls the method."""
    return method if isinstance(method, str) else type(method).__name__


def resample(method: Any, data: Embedded, seed: int) -> Embedded:
    """The embeddings after "smote", "eos" or a resampler, of which a copy is used.

    ``seed`` is its random state where it has none.

    Raises:
        ValueError: If it returns no rows, rows of another width, NaN or inf, or not one label for each.
    """
    h, y = _resampler(method, len(data.y), seed).fit_resample(data.h, data.y)
    made = Embedded(torch.as_tensor(h).to(data.h), torch.as_tensor(y).to(data.y))
    if not len(made.y) or made.h.shape != (len(made.y), data.h.shape[1]) or made.y.dim() != 1:
        raise ValueError(
            f"`method` ({name_of(method)}) must return rows of shape (n, {data.h.shape[1]}) and labels of "
            f"shape (n,), n at least 1, got {tuple(made.h.shape)} and {tuple(made.y.shape)}"
        )
    if not bool(made.h.isfinite().all()):
        raise ValueError(f"`method` ({name_of(method)}) returned rows with NaN or inf; use another one")
    return made


def balanced_order(y: Tensor, seed: int) -> Order:
    """Class-balanced sampling: each class that is there as often as the largest, its rows uniformly.

    In each epoch every class gives the same number of rows, drawn with replacement.
    """
    own = [rows for rows in y.cpu().argsort(stable=True).split(y.bincount().tolist()) if len(rows)]
    most = max(len(rows) for rows in own)

    def order(epoch: int) -> Tensor:
        generator = torch.Generator().manual_seed(stream_seed(seed, epoch, Purpose.SHUFFLE))
        drawn = [rows[torch.randint(len(rows), (most,), generator=generator)] for rows in own]
        return torch.cat(drawn)[torch.randperm(most * len(own), generator=generator)]

    return order


def shuffled_order(n: int, seed: int) -> Order:
    """Each of n rows once an epoch."""

    def order(epoch: int) -> Tensor:
        generator = torch.Generator().manual_seed(stream_seed(seed, epoch, Purpose.SHUFFLE))
        return torch.randperm(n, generator=generator)

    return order


def _resampler(method: Any, n: int, seed: int) -> Any:
    state = stream_seed(seed, 0, Purpose.FIT) % 2**32
    if method == "smote":
        return SMOTE(few_samples="shrink", random_state=state)
    if method == "eos":
        if n <= _EOS_NEIGHBORS:
            warnings.warn(
                f"eos looks for enemies among {_EOS_NEIGHBORS} neighbours, but there are {n} rows in all; "
                "it uses them",
                FewSamplesWarning,
                stacklevel=6,
            )
        return EOS(k_neighbors=min(_EOS_NEIGHBORS, n - 1), random_state=state)
    if not hasattr(method, "get_params"):
        return copy.deepcopy(method)
    own = clone(method)
    if own.get_params(deep=False).get("random_state", state) is None:
        own.set_params(random_state=state)
    return own
