"""The command line: one module per command, found by name in ``COMMANDS``.

A command takes the words after its name and returns the exit status. ``exit_status`` turns what a user can
get wrong into one line on standard error and exit status 2.
"""

from __future__ import annotations

from .dispatch import COMMANDS, main
from .status import exit_status

__all__ = ["COMMANDS", "exit_status", "main"]
