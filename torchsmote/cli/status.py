"""How a command ends: its exit status, and one line on standard error for what a user can get wrong."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

from .endings import Ended, ended_by_signals

__all__ = ["Parser", "exit_status"]

_INTERRUPTED = 130  # what a shell reports after Ctrl-C
_NO_READER = 141  # what it reports of a process that wrote to a closed pipe


class Parser(argparse.ArgumentParser):
    """A parser whose errors are raised, so that they become the one line."""

    def error(self, message: str) -> NoReturn:
        """Raise what is wrong with the words.

        Raises:
            ValueError: Always.
        """
        raise ValueError(message)


def exit_status(program: str, run: Callable[[], int]) -> int:
    """Run something a user started, and say what went wrong in one line on standard error.

    Args:
        program: How it is called, for the line: ``program --help`` has to work.
        run: Returns the exit status.

    Returns:
        That of ``run``, 2 after bad input, 130 after Ctrl-C, 128 and the number of a signal that asked the
        process to end, or 141 where nobody reads standard output any more.
    """
    try:
        with ended_by_signals():
            return _flushed(run)
    except KeyboardInterrupt as interrupt:
        ended = isinstance(interrupt, Ended)
        with suppress(OSError):  # the terminal may be what has gone
            why = str(interrupt) or "nothing was written"
            print(f"{'Ended' if ended else 'Interrupted'}: {why}", file=sys.stderr)
        return 128 + interrupt.number if isinstance(interrupt, Ended) else _INTERRUPTED
    except BrokenPipeError:  # the reader has gone, such as head
        _drop_output()
        return _NO_READER
    except (argparse.ArgumentError, ValueError, TypeError) as error:
        line = f"{error}; see {program} --help"
    except (ImportError, OSError, MemoryError, NotImplementedError) as error:
        line = str(error) or "out of memory"
        with suppress(OSError):
            _flush()
    print("torchsmote: error:", " ".join(line.split()), file=sys.stderr)
    return 2


def _flushed(run: Callable[[], int]) -> int:
    """Run, and write out what was printed while errors still have their exit status."""
    try:
        status = run()
    except SystemExit:  # help was printed
        _flush()
        raise
    _flush()
    return status


def _flush() -> None:
    if sys.stdout is None:  # the process was started without
        return
    try:
        sys.stdout.flush()
    except OSError:
        _drop_output()
        raise


def _drop_output() -> None:
    """Forget what is not written yet: Python would try again, and fail again, when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
