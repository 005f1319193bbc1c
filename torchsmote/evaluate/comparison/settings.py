"""What repeats a comparison: its arguments, the shape of the data, versions, and code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...short_text import short_text
from ..versions import versions
from .task import Task

__all__ = ["settings_of"]


def settings_of(
    task: Task, model: str, metrics: Sequence[str], arguments: Mapping[str, Any]
) -> dict[str, Any]:
    """As values that JSON holds.

    Args:
        task: What was learned.
        model: What was trained, in short.
        metrics: Names.
        arguments: Those of `compare` that decide its figures, as given.
    """
    groups = None if task.groups is None else int(task.groups.max()) + 1
    grid = arguments["grid"]
    said = {
        **arguments,
        "methods": [short_text(method) for method in arguments["methods"]],
        "model": model,
        "metrics": list(metrics),
        "grid": grid and {name: [short_text(value) for value in values] for name, values in grid.items()},
    }
    return {
        "arguments": said,
        "rows": len(task.features),
        "columns": len(task.features.names),
        "groups": groups,
        "versions": versions(),
        "code": _code(arguments, groups is not None),
    }


def _code(arguments: Mapping[str, Any], grouped: bool) -> str:
    parts = [f"{name}={_source(value)}" for name, value in arguments.items() if value is not None]
    lines = ",\n    ".join(["X, y", *parts, *(["groups=groups"] if grouped else [])])
    return f"from torchsmote import compare\n\nresult = compare(\n    {lines},\n)\nprint(result)"


def _source(value: Any) -> str:
    """Element by element: the text of a long list ends in a digest."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{short_text(key)}: {_source(own)}" for key, own in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_source, value)) + "]"
    return short_text(value)
