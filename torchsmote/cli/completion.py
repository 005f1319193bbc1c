"""``torchsmote completion``: a script that lets a shell complete commands and options."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields

from ..experiment import Settings
from ..extras import import_extra
from ..method_names import SHORT_NAMES
from .compare import compare_parser
from .demo import demo
from .diagnose import diagnose_parser
from .resample import resample_parser
from .status import Parser

__all__ = ["completion", "whole_parser"]

_HOW = 'For bash: add the line  eval "$(torchsmote completion bash)"  to ~/.bashrc.'
_FILES = ("file", "output", "report", "resume", "config")


def completion(words: Sequence[str]) -> int:
    """Print a script with which bash, zsh or tcsh completes commands and options."""
    parser = _completion_parser()
    shell = parser.parse_args(words).shell
    print(import_extra("shtab", "cli").complete(whole_parser(), shell=shell))
    return 0


def _completion_parser() -> Parser:
    parser = Parser(prog="torchsmote completion", description=completion.__doc__, epilog=_HOW)
    parser.add_argument("shell", choices=("bash", "zsh", "tcsh"), help="Which shell.")
    return parser


def _demo_parser() -> Parser:
    """The demo's options, for completion only: its own parser reads their types from `Settings`."""
    parser = Parser(prog="torchsmote demo", description=demo.__doc__)
    parser.add_argument("--json", action="store_true")
    for name in ("config", *(field.name for field in fields(Settings))):
        parser.add_argument(f"--{name}")
    return parser


_PARSERS: Mapping[str, Callable[[], argparse.ArgumentParser]] = {
    "diagnose": diagnose_parser,
    "resample": resample_parser,
    "compare": compare_parser,
    "demo": _demo_parser,
    "completion": _completion_parser,
}


def whole_parser() -> argparse.ArgumentParser:
    """All commands and options in one parser, as shtab reads them."""
    file = import_extra("shtab", "cli").FILE
    whole = argparse.ArgumentParser(prog="torchsmote")
    whole.add_argument("--version", action="store_true")
    commands = whole.add_subparsers()
    for name, parser_of in _PARSERS.items():
        own = parser_of()
        # Without `help` shtab takes a command for a hidden one.
        command = commands.add_parser(name, parents=[own], add_help=False, help=own.description)
        for action in command._actions:
            if action.dest in _FILES:
                action.complete = file  # type: ignore[attr-defined]
            elif action.dest == "method":
                action.choices = SHORT_NAMES
    return whole
