"""What a user sees on standard error while the experiment runs: a bar in a terminal, lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ..extras import import_extra
from .settings import Settings

__all__ = ["StepOf", "print_line", "show_training"]

StepOf = Callable[[str, int], Callable[[], None]]  # (method, seed) -> what to call after each step


def print_line(line: str) -> None:
    """Print on standard error, at once."""
    print(line, file=sys.stderr, flush=True)


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
    console = import_extra("rich.console").Console(stderr=True)
    if not (console.is_interactive and sys.stderr.isatty()):  # environment variables alone can sway the first
        yield _lines(settings)
        return
    rich_progress = import_extra("rich.progress")
    columns = (
        rich_progress.TextColumn("{task.description}"),
        rich_progress.BarColumn(bar_width=None),
        rich_progress.TaskProgressColumn(),
        rich_progress.TimeRemainingColumn(),
    )
    with rich_progress.Progress(*columns, console=console) as bar:
        total = settings.steps * len(settings.methods) * settings.seeds
        task = bar.add_task("", total=total)

        def step_of(name: str, seed: int) -> Callable[[], None]:
            bar.update(task, description=f"seed {seed}, {name}")
            return lambda: bar.advance(task)

        yield step_of


def _lines(settings: Settings) -> StepOf:
    """One line per seed: a log of a pipe or of CI shows that something goes on, and is not flooded."""
    start = time.perf_counter()
    first = settings.methods[0]

    def step_of(name: str, seed: int) -> Callable[[], None]:
        if name == first:
            number = seed - settings.first_seed + 1
            print_line(
                f"seed {seed} ({number} of {settings.seeds}): training {len(settings.methods)} x "
                f"{settings.steps:,} steps; {time.perf_counter() - start:.0f} s so far"
            )
        return lambda: None

    return step_of
