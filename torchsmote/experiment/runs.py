"""Train every method on every seed, and keep one Result of each."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sklearn.utils import Bunch

from .methods import METHODS, Method
from .progress import show_training
from .scores import Labelled, Scores, score
from .settings import Settings
from .tables import Part, Parts, split_table
from .training import predict, train

__all__ = ["Result", "check_methods", "run_methods"]


@dataclass(frozen=True)
class Result:
    """One training.

    Attributes:
        seed: Of split, initial weights, batch order and synthetic rows.
        method: Name of the method.
        scores: On the test part.
        rows_per_s: Rows of the loader per second of training.
        seconds: From the training rows to the trained network: fitting the sampler and all steps.
        test: Test targets and predictions, for curves.
    """

    seed: int
    method: str
    scores: Scores
    rows_per_s: float
    seconds: float
    test: Labelled

    def row(self) -> dict[str, Any]:
        """The result as one flat row, without the predictions."""
        return {
            "seed": self.seed,
            "method": self.method,
            **asdict(self.scores),
            "rows_per_s": self.rows_per_s,
            "seconds": self.seconds,
        }


def run_methods(
    table: Bunch,
    settings: Settings,
    methods: Mapping[str, Method] = METHODS,
    *,
    progress: bool = True,
) -> list[Result]:
    """Train each of ``settings.methods`` once per seed, all methods of a seed on the same split.

    Args:
        table: As ``load_table`` returns it.
        settings: Seeds, methods and budget.
        methods: What each name means; has them all, see ``check_methods``.
        progress: Whether to show on standard error how far it is.

    Returns:
        Seed by seed, methods in the order of the settings.

    Raises:
        ImportError: If ``progress`` and rich is missing (extra ``demo``).
    """
    results: list[Result] = []
    with show_training(settings, progress) as step_of:
        for seed in settings.all_seeds:
            parts = split_table(table, seed)
            results += [
                _run(parts, settings, name, methods[name], seed, step_of(name, seed))
                for name in settings.methods
            ]
    return results


def check_methods(names: Sequence[str], methods: Mapping[str, Method]) -> None:
    """Refuse names that ``methods`` does not know.

    Raises:
        ValueError: Names the first unknown one, those that are known, and how they are written.
    """
    unknown = [name for name in names if name not in methods]
    if unknown:
        known = ", ".join(methods)
        raise ValueError(
            f"`methods` has no {unknown[0]!r}; known are: {known}. "
            'Write them as a list, such as --methods "[as is, SMOTEDataset]"'
        )


def _run(
    parts: Parts, settings: Settings, name: str, method: Method, seed: int, advance: Callable[[], None]
) -> Result:
    start = time.perf_counter()
    plan = method(parts.train, settings, seed)
    rows_per_s = train(plan, settings, advance)
    seconds = time.perf_counter() - start

    def label(part: Part) -> Labelled:
        return Labelled(part.y.numpy(), predict(plan.model, part.X).numpy())

    test = label(parts.test)
    return Result(seed, name, score(test, label(parts.validation)), rows_per_s, seconds, test)
