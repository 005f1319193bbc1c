"""Which command a line means; help and version without one."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from importlib.metadata import version

from .compare import compare
from .completion import completion
from .demo import demo
from .diagnose import diagnose
from .resample import resample
from .status import exit_status

__all__ = ["COMMANDS", "main"]

COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {
    "diagnose": diagnose,
    "resample": resample,
    "compare": compare,
    "demo": demo,
    "completion": completion,
}


def main(words: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        words: Command and its options; None: the process's own.

    Returns:
        Exit status; see `exit_status`.
    """
    words = list(sys.argv[1:] if words is None else words)
    command = words[0] if words else ""
    if command in COMMANDS:
        return exit_status(f"torchsmote {command}", lambda: COMMANDS[command](words[1:]))
    return exit_status("torchsmote", lambda: _without_command(words))


def _without_command(words: Sequence[str]) -> int:
    """Help, version, or what is wrong."""
    parser = argparse.ArgumentParser(
        prog="torchsmote",
        description="SMOTE on torch tensors.",
        epilog="torchsmote COMMAND --help says more about a command.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="store_true", help="Print the version and stop.")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for name, command in COMMANDS.items():
        summary = (command.__doc__ or "").splitlines()[0]
        commands.add_parser(name, help=summary, add_help=False)
    options, unknown = parser.parse_known_args([word for word in words if word.startswith("-")])
    if options.version:
        print(f"torchsmote {version('torchsmote')}")
        return 0
    if unknown:
        raise ValueError(f"unknown option {unknown[0]!r} before the command")
    wrong = f"no command {words[0]!r}" if words else "no command given"
    near = [f"did you mean {name}?" for name in get_close_matches("".join(words[:1]), COMMANDS, n=1)]
    raise ValueError("; ".join([f"{wrong}, commands are: {', '.join(COMMANDS)}", *near]))
