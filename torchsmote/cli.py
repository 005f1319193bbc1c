"""The command line: one function per command, found by name in ``COMMANDS``.

A command takes the words after its name and returns the exit status. ``exit_status`` turns what a user can
get wrong into one line on standard error and exit status 2.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from importlib.metadata import version

from .experiment import add_settings, read_settings, run_demo
from .extras import import_extra

__all__ = ["COMMANDS", "exit_status", "main"]

_INTERRUPTED = 130  # what a shell reports after Ctrl-C


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
    print(json.dumps(outcome.to_dict(), indent=2, allow_nan=False) if parsed.json else outcome)
    return 0


COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {"demo": demo}


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
    except KeyboardInterrupt:
        print("Interrupted: nothing was written", file=sys.stderr)
        return _INTERRUPTED
    except (argparse.ArgumentError, ValueError, TypeError) as error:
        line = f"{error}; see {program} --help"
    except (ImportError, OSError) as error:
        line = str(error)
    print("torchsmote: error:", " ".join(line.split()), file=sys.stderr)
    return 2


def main(words: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        words: Command and its options; None: the process's own.

    Returns:
        Exit status: 0, 2 after bad input or 130 after Ctrl-C, both with one line on standard error.
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
        commands.add_parser(name, help=command.__doc__, add_help=False)
    options, unknown = parser.parse_known_args([word for word in words if word.startswith("-")])
    if options.version:
        print(f"torchsmote {version('torchsmote')}")
        return 0
    if unknown:
        raise ValueError(f"unknown option {unknown[0]!r} before the command")
    wrong = f"no command {words[0]!r}" if words else "no command given"
    near = [f"did you mean {name}?" for name in get_close_matches("".join(words[:1]), COMMANDS, n=1)]
    raise ValueError("; ".join([f"{wrong}, commands are: {', '.join(COMMANDS)}", *near]))
