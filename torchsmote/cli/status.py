"""How a command ends: its exit status, and one line on standard error for what a user can get wrong."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from typing import NoReturn

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
        That of ``run``, 2 after bad input, or 130 after Ctrl-C.
    """
    try:
        return run()
    except KeyboardInterrupt as interrupt:
        print(f"Interrupted: {str(interrupt) or 'nothing was written'}", file=sys.stderr)
        return _INTERRUPTED
    except BrokenPipeError:  # the reader has gone, such as head; Python would fail again when it ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _NO_READER
    except (argparse.ArgumentError, ValueError, TypeError) as error:
        line = f"{error}; see {program} --help"
    except (ImportError, OSError, MemoryError) as error:
        line = str(error) or "out of memory"
    print("torchsmote: error:", " ".join(line.split()), file=sys.stderr)
    return 2
