"""What a user sees on standard error while something takes long: a bar in a terminal, lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from .extras import import_extra

__all__ = ["Advance", "print_line", "show_bar", "show_progress", "terminal"]

Advance = Callable[[], None]  # what to call after each step

_SECONDS_BETWEEN_LINES = 10.0


def print_line(line: str) -> None:
    """Print on standard error, at once."""
    print(line, file=sys.stderr, flush=True)


def terminal() -> Any:
    """The rich console on standard error where that is a terminal; None elsewhere.

    Raises:
        ImportError: If rich is missing (extra ``demo``).
    """
    console = import_extra("rich.console").Console(stderr=True)
    # Environment variables alone can sway the first.
    return console if console.is_interactive and sys.stderr.isatty() else None


@contextmanager
def show_bar(console: Any, total: int) -> Iterator[Callable[[str], Advance]]:
    """A bar of ``total`` steps.

    Yields:
        A function that changes the words before the bar, and returns what to call after each step.
    """
    rich = import_extra("rich.progress")
    columns = (
        rich.TextColumn("{task.description}"),
        rich.BarColumn(bar_width=None),
        rich.TaskProgressColumn(),
        rich.TimeRemainingColumn(),
    )
    with rich.Progress(*columns, console=console) as bar:
        task = bar.add_task("", total=total)

        def describe(words: str) -> Advance:
            bar.update(task, description=words)
            return lambda: bar.advance(task)

        yield describe


@contextmanager
def show_progress(words: str, total: int, *, show: bool = True) -> Iterator[Advance]:
    """Show how far one piece of work is: a bar in a terminal (with rich), else a line now and then.

    Args:
        words: What is done.
        total: How many steps it has.
        show: Whether to show anything.

    Yields:
        What to call after each step.

    >>> with show_progress("adding", total=2, show=False) as advance:
    ...     advance()
    """
    if not show:
        yield lambda: None
        return
    try:
        console = terminal()
    except ImportError:  # nobody should have to install rich to train
        console = None
    if console is None:
        yield _lines(words, total)
        return
    with show_bar(console, total) as describe:
        yield describe(words)


def _lines(words: str, total: int) -> Advance:
    """A line every few seconds: a log shows that something goes on, and is not flooded."""
    done, last = 0, time.perf_counter()

    def advance() -> None:
        nonlocal done, last
        done += 1
        now = time.perf_counter()
        if now - last >= _SECONDS_BETWEEN_LINES:
            print_line(f"{words}: {done:,} of {total:,}")
            last = now

    return advance
