"""How settings are read from YAML and the command line, and what is said of those that cannot be."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from dataclasses import asdict, fields
from difflib import get_close_matches
from typing import Any

from ..extras import import_extra
from .settings import PRESETS, Settings

__all__ = ["add_settings", "read_settings"]

_KEYS = tuple(field.name for field in fields(Settings))
_LISTS = ("methods", "hidden")
_FORMS = {
    "methods": f"write a list of names, such as [{', '.join(Settings.methods)}]",
    "hidden": "write a list of numbers, such as [64]",
}
_UNKNOWN = re.compile(r"unrecognized arguments|not accepted|not expected", re.IGNORECASE)


def add_settings(parser: Any) -> None:
    """Give a jsonargparse parser ``--config`` and one option for each key of Settings."""
    parser.add_argument("--config", action="config", help="YAML file with any of the keys below.")
    parser.add_class_arguments(Settings)


def read_settings(arguments: Sequence[str] | None = None, parser: Any = None) -> tuple[Settings, Any]:
    """Read settings: an option beats the YAML file, which beats the preset of the chosen table.

    ``--batch-size`` is the same as ``--batch_size``, and a list of one needs no brackets: ``--hidden 64``.

    Args:
        arguments: Command-line words; None: the process's own.
        parser: A jsonargparse parser with ``add_settings`` done; None: a plain one.

    Returns:
        The settings, and all that was parsed.

    Raises:
        ImportError: If jsonargparse is missing (extra ``demo``).
        ValueError: If a key is unknown, a value is of the wrong type or out of range.
    """
    if parser is None:
        parser = import_extra("jsonargparse").ArgumentParser(
            description="Train on an imbalanced table.", exit_on_error=False
        )
        add_settings(parser)
    words = _plain(sys.argv[1:] if arguments is None else arguments)
    try:
        parsed = parser.parse_args(words)
        if parsed.data != Settings.data:  # read again, now over the defaults of that table
            defaults = asdict(PRESETS[parsed.data])
            parser.set_defaults({key: value for key, value in defaults.items() if value is not None})
            parsed = parser.parse_args(words)
    except (argparse.ArgumentError, TypeError) as error:
        raise ValueError(_explain(str(error), words)) from error
    return Settings(**{key: parsed[key] for key in _KEYS}), parsed


def _plain(words: Sequence[str]) -> list[str]:
    """Spell keys with underscores, and put brackets around a list of one."""
    plain: list[str] = []
    waiting = False  # for the value of a list
    for word in words:
        name, equals, value = word.partition("=")
        key = name[2:].replace("-", "_") if name.startswith("--") else ""
        if waiting and not key:
            plain.append(_bracketed(word))
        elif key in _KEYS:
            plain.append(f"--{key}{equals}{_bracketed(value) if equals and key in _LISTS else value}")
        else:
            plain.append(word)
        waiting = key in _LISTS and not equals
    return plain


def _bracketed(value: str) -> str:
    return value if value.lstrip().startswith("[") else f"[{value}]"


def _explain(message: str, words: Sequence[str]) -> str:
    """The parser's message in a user's words: no Python types, the nearest key, the form of a list."""
    message = re.sub(r"Parser key \"(\w+)\":", r"`\1`:", " ".join(message.split()))
    message = re.sub(r"a <class '(\w+)'>", r"\1", message)
    message = re.sub(r"a typing\.Literal\[(.*?)\]", r"one of \1", message)
    unknown = _UNKNOWN.search(message) is not None
    remedies = [
        form for key, form in _FORMS.items() if f"`{key}`" in message or (unknown and f"--{key}" in words)
    ]
    if unknown:
        for key in re.findall(r"--([\w-]+)|'([\w-]+)'", message):
            near = get_close_matches("".join(key).replace("-", "_"), _KEYS, n=1)
            remedies += [f"did you mean `{name}`?" for name in near]
    return "; ".join([message, *dict.fromkeys(remedies)])
