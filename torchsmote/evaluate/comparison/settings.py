"""What repeats a comparison: its arguments, the shape of the data, versions, and code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...short_text import short_text
from ..versions import versions
from .source import Source
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
        "methods": [_plain(method) for method in arguments["methods"]],
        "model": model,
        "metrics": list(metrics),
        "grid": grid and {name: [_plain(value) for value in values] for name, values in grid.items()},
    }
    return {
        "arguments": said,
        "rows": len(task.features),
        "columns": len(task.features.names),
        "groups": groups,
        "versions": versions(),
        "code": _code(arguments, groups is not None),
    }


def _plain(value: Any) -> Any:
    return value if isinstance(value, (str, int, float)) else short_text(value)


def _code(arguments: Mapping[str, Any], grouped: bool) -> str:
    source = Source(taken=("X", "y", "groups", "compare", "result"))
    parts = [f"{name}={source.of(value)}" for name, value in arguments.items() if value is not None]
    lines = ",\n    ".join(["X, y", *parts, *(["groups=groups"] if grouped else [])])
    imports = sorted({"from torchsmote import compare", *source.imports})
    own = [f"# Put the definition of `{name}` here: it is your own code." for name in source.undefined]
    return "\n".join([*imports, "", *own, f"result = compare(\n    {lines},\n)", "print(result)"])
