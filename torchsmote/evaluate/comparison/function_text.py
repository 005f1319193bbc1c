"""What a function is, in words that are alike in every process."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from hashlib import sha256
from typing import Any

from ...short_text import short_text

__all__ = ["function_text"]


def function_text(function: Callable[..., Any]) -> str:
    """Qualified name, a digest of the source where it can be read, what it closes over, and plain globals.

    >>> function_text(len)
    'len'
    """
    if isinstance(function, partial):
        bound = f"{short_text(function.args)}, {short_text(function.keywords)}"
        return f"partial({function_text(function.func)}, {bound})"
    named = function if hasattr(function, "__qualname__") else type(function)
    text = str(named.__qualname__)
    with suppress(OSError, TypeError):  # typed into a prompt, or compiled
        text += f" {sha256(inspect.getsource(named).encode()).hexdigest()[:12]}"
    if inspect.isfunction(function) and (around := _around(function)):
        text += f" {short_text(around)}"
    return text


def _around(function: Callable[..., Any]) -> dict[str, Any]:
    """What it closes over, and those variables of its module that are plain settings, such as a width."""
    found = inspect.getclosurevars(function)
    plain = {
        name: value
        for name, value in found.globals.items()
        if isinstance(value, (bool, int, float, str, tuple))
    }
    return {**plain, **found.nonlocals}
