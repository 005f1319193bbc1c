"""Readable names for methods, no two alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ...short_text import short_text
from .grid import Variation
from .measurements import STANDING
from .methods import Method

__all__ = ["name_methods"]

# Unless they tell two apart.
_UNSAID = ("random_state", "categorical_features", "device", "backend", "n_jobs")


def name_methods(variations: Sequence[Variation]) -> list[Method]:
    """Give each method a name: its class, and the arguments that were set.

    Where names would be equal, they say more: all arguments, and then where the class comes from.

    Raises:
        ValueError: If two methods are alike in all that.
    """
    names = [_said(variation, _UNSAID) for variation in variations]
    for level in (_full, _with_origin):
        count = Counter([*STANDING, *names])
        names = [
            level(variation) if count[name] > 1 else name
            for name, variation in zip(names, variations, strict=True)
        ]
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        becomes = " (in a table with categories SMOTE becomes it)" if "SMOTENC" in twice[0] else ""
        raise ValueError(
            f"`methods` holds {twice[0]} twice{becomes}; leave one out, or let them differ in arguments"
        )
    return [replace(variation.method, name=name) for variation, name in zip(variations, names, strict=True)]


def _full(variation: Variation) -> str:
    return _said(variation, ())


def _with_origin(variation: Variation) -> str:
    return f"{type(variation.method.estimator).__module__.split('.')[0]}.{_full(variation)}"


def _said(variation: Variation, without: Sequence[str]) -> str:
    method, arguments = variation.method, variation.arguments
    inner = ("smote",) if variation.inner else ()  # its text would say the arguments again
    text = short_text(method.estimator, (*without, *arguments, *inner)).removesuffix("()")
    if method.is_ensemble:
        text = text.replace(type(method.estimator).__name__, method.name, 1)
    return _extended(text, arguments)


def _extended(text: str, arguments: Mapping[str, Any]) -> str:
    """The text of an estimator with more arguments in its brackets."""
    if not arguments:
        return text
    more = ", ".join(f"{name}={short_text(value)}" for name, value in arguments.items())
    return f"{text[:-1]}, {more})" if text.endswith(")") else f"{text}({more})"
