"""The command line: one function per command, found by name in ``COMMANDS``.

A command takes the words after its name and returns the exit status. ``main`` turns what a user can get
wrong into one line on standard error and exit status 2.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence

from .experiment import add_settings, read_settings, run_demo
from .extras import import_extra

__all__ = ["COMMANDS", "main"]


def demo(words: Sequence[str]) -> int:
    """Train a network on a real imbalanced table in five ways, side by side."""
    parser = import_extra("jsonargparse").ArgumentParser(
        prog="torchsmote demo",
        description=f"{demo.__doc__} Options beat the YAML file, which beats the defaults.",
        exit_on_error=False,
    )
    parser.add_argument("--json", action="store_true", help="Print JSON instead of the table.")
    add_settings(parser)
    settings, parsed = read_settings(words, parser)
    outcome = run_demo(settings)
    if parsed.json:
        print(json.dumps(outcome.to_dict(), indent=2, allow_nan=False))
    else:
        print(outcome.report)
        print("Written: " + ", ".join(str(file) for file in outcome.files))
    return 0


COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {"demo": demo}


def main(words: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        words: Command and its options; None: the process's own.

    Returns:
        Exit status: 0, or 2 after bad input, with one line on standard error.
    """
    words = list(sys.argv[1:] if words is None else words)
    parser = argparse.ArgumentParser(
        prog="torchsmote",
        description="SMOTE on torch tensors.",
        epilog="torchsmote COMMAND --help says more about a command.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        exit_on_error=False,
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, command in COMMANDS.items():
        commands.add_parser(name, help=command.__doc__, add_help=False)
    try:
        if not words:
            raise ValueError(f"no command given; commands are: {', '.join(COMMANDS)}")
        if words[0] in COMMANDS:
            return COMMANDS[words[0]](words[1:])
        parser.parse_args(words)
    except (argparse.ArgumentError, ValueError, TypeError, ImportError, OSError) as error:
        print("torchsmote: error:", " ".join(str(error).split()), file=sys.stderr)
        return 2
    return 0
