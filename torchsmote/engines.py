"""Tables that live in an engine of their own, and which engine serves which.

An over-sampler's methods work on a search and on labels. An engine brings both for tables that are spread
over processes or files, so a method is written once and works there too.
"""

from __future__ import annotations

from typing import Any, Protocol

import torch

from .recipe import Recipe

__all__ = ["Engine", "engine_of", "register"]


class Engine(Protocol):
    """A kind of table that is not in this process's memory as a whole."""

    def takes(self, X: Any) -> bool:
        """Whether ``X`` is such a table; cheap, and without importing what brings it."""
        ...

    def fit_resample(self, resampler: Any, X: Any, y: Any) -> tuple[Any, Any]:
        """What ``resampler.fit_resample(X, y)`` returns, in the engine's own containers."""
        ...

    def recipe(self, resampler: Any, X: Any, y: Any, generator: torch.Generator | None) -> Recipe:
        """What ``resampler.recipe(X, y, generator)`` returns."""
        ...


_ENGINES: list[Engine] = []


def register(engine: Engine) -> None:
    """Let an engine serve the tables that it takes."""
    _ENGINES.append(engine)


def engine_of(X: Any) -> Engine | None:
    """The engine that takes ``X``; None for a table in memory.

    >>> engine_of([[0.0], [1.0]]) is None
    True
    """
    return next((engine for engine in _ENGINES if engine.takes(X)), None)
