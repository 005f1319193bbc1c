"""Random under-sampling: keep as many rows as asked for, each as likely."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray

from ..over_sampling.drawing import stream_of
from ..parameters import RANDOM_STATE
from ..strategy import SamplingStrategy
from ..tags import ResamplerTags
from ..targets import Targets
from .base import RowSelector, by_class

__all__ = ["RandomUnderSampler"]


class RandomUnderSampler(RowSelector):
    """Keep rows of the common classes at random.

    Where a table is large and the rare class small, this is the cheapest balance there is, and a strong
    baseline; it throws information away that class weights would keep.

    Args:
        sampling_strategy: "auto" (= "not minority": every class but the smallest keeps as many rows as it),
            "majority", "not majority", "all"; a float in (0, 1], minority over majority afterwards (binary
            only); a dict of class to final count; or a function of y that returns one.
        random_state: None, an int or a RandomState (the rows of imbalanced-learn 0.14), or a torch.Generator
            (numbers are drawn on its device).
        replacement: Whether a row may be chosen more than once, default False.
        device: Taken for the sake of the other classes; rows are chosen by number.
        backend: As ``device``.

    Attributes:
        sampling_strategy_: Class -> rows to keep.
        classes_: The classes, sorted.
        sample_indices_: Input row of each output row: class by class, in the order drawn.

    >>> import torch
    >>> X = torch.arange(6.0).reshape(6, 1)
    >>> rus = RandomUnderSampler(random_state=0)
    >>> rus.fit_resample(X, torch.tensor([0, 0, 0, 0, 1, 1]))[1].tolist()
    [0, 0, 1, 1]
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **RowSelector._parameter_constraints,
        **RANDOM_STATE,
        "replacement": ["boolean"],
    }

    def __init__(
        self,
        *,
        sampling_strategy: SamplingStrategy = "auto",
        random_state: Any = None,
        replacement: bool = False,
        device: Any = None,
        backend: str = "auto",
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.replacement = replacement
        self.device = device
        self.backend = backend

    def __sklearn_tags__(self) -> ResamplerTags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        return tags

    def _select(self, X: Any, targets: Targets) -> NDArray[np.int64]:
        stream = stream_of(self.random_state)

        def drawn(position: int, rows: NDArray[np.int64]) -> NDArray[np.int64]:
            count = self.sampling_strategy_[targets.keys[position]]
            return rows[_places(stream, len(rows), count, self.replacement)]

        return by_class(targets, targets.positions(self.sampling_strategy_), drawn)


def _places(stream: Any, n: int, count: int, replacement: bool) -> NDArray[np.int64]:
    if not isinstance(stream, torch.Generator):
        return np.asarray(stream.choice(n, size=count, replace=replacement))
    if replacement:
        drawn = torch.randint(n, (count,), generator=stream, device=stream.device)
    else:
        drawn = torch.randperm(n, generator=stream, device=stream.device)[:count]
    return np.asarray(drawn.cpu().numpy())
