"""What a user sees on standard error while the experiment runs: a bar in a terminal, lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ..progress import Advance, print_line, show_bar, terminal
from .settings import Settings

__all__ = ["StepOf", "show_training"]

StepOf = Callable[[str, int], Advance]  # (method, seed) -> what to call after each step


@contextmanager
def show_training(settings: Settings, progress: bool) -> Iterator[StepOf]:
    """Show how far the training is.

    Args:
        settings: What is trained.
        progress: Whether to show anything.

    Yields:
        A function that, told what is trained now, returns what to call after each step.

    Raises:
        ImportError: If ``progress`` and rich is missing (extra ``demo``).
    """
    if not progress:
        yield lambda name, seed: lambda: None
        return
    console = terminal()
    if console is None:
        yield _lines(settings)
        return
    total = settings.steps * len(settings.methods) * settings.seeds
    with show_bar(console, total) as describe:
        yield lambda name, seed: describe(f"seed {seed}, {name}")


def _lines(settings: Settings) -> StepOf:
    """One line per seed: a log of a pipe or of CI shows that something goes on, and is not flooded."""
    start = time.perf_counter()
    first = settings.methods[0]

    def step_of(name: str, seed: int) -> Advance:
        if name == first:
            number = seed - settings.first_seed + 1
            print_line(
                f"seed {seed} ({number} of {settings.seeds}): training {len(settings.methods)} x "
                f"{settings.steps:,} steps; {time.perf_counter() - start:.0f} s so far"
            )
        return lambda: None

    return step_of
