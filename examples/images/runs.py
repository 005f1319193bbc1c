"""One seed of one data set: train by each method, and score it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import torch

from .methods import METHODS
from .parts import load_parts
from .scores import Scores, score
from .settings import Settings
from .training import Predictor, Trainer

__all__ = ["Result", "check_methods", "run_methods"]


@dataclass(frozen=True)
class Result:
    """One method on one seed.

    Attributes:
        method: Its name.
        scores: On the images of ``settings.part``.
        seconds: Of the method; where it starts from the plain network, without the training of that.
    """

    method: str
    scores: Scores
    seconds: float

    def row(self) -> dict[str, Any]:
        """The result as one flat row."""
        return {"method": self.method, **asdict(self.scores), "seconds": round(self.seconds, 2)}


def check_methods(names: list[str] | None) -> list[str]:
    """The names asked for; all where none are.

    Raises:
        ValueError: If a name is unknown.
    """
    for name in names or ():
        if name not in METHODS:
            raise ValueError(f"`methods` has no {name!r}; known are: {', '.join(METHODS)}")
    return list(METHODS) if names is None else list(names)


def run_methods(settings: Settings) -> Iterator[Result]:
    """Train and score each of ``settings.methods``, one after the other.

    Yields:
        Each result as soon as it is there.
    """
    names = check_methods(settings.methods)
    parts = load_parts(settings)
    scored = parts.test if settings.part == "test" else parts.validation
    run = Trainer(parts, settings)
    for name in names:
        started, plain_before = time.perf_counter(), run.plain_seconds
        predictor = METHODS[name](run)
        seconds = time.perf_counter() - started - (run.plain_seconds - plain_before)
        seconds += run.plain_seconds if name == "plain" else 0
        logits = _predict(predictor, scored.x)
        yield Result(name, score(logits, scored.y, run.counts), seconds)


def _predict(predictor: Predictor, x: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        return torch.cat([predictor(rows) for rows in x.split(1000)])
