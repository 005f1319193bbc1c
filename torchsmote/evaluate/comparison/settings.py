"""What repeats a comparison: its arguments, the shape of the data, versions, and code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...short_text import short_text
from ..versions import versions
from .task import Task
from .torch_model import TorchModel

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
        "code": _code(arguments, model, groups is not None),
    }


def _plain(value: Any) -> Any:
    return value if isinstance(value, (str, int, float)) else short_text(value)


def _code(arguments: Mapping[str, Any], model: str, grouped: bool) -> str:
    given = {name: _source(value) for name, value in arguments.items() if value is not None}
    if "model" in given:
        given["model"] = model
    parts = [f"{name}={text}" for name, text in given.items()]
    lines = ",\n    ".join(["X, y", *parts, *(["groups=groups"] if grouped else [])])
    objects = [one for one in [*arguments["methods"], arguments["model"]] if hasattr(one, "get_params")]
    imports = {"from torchsmote import compare", *map(_import_of, objects)}
    if isinstance(arguments["model"], TorchModel):
        imports.add("from torchsmote.evaluate import TorchModel")
    return "\n".join([*sorted(imports), "", f"result = compare(\n    {lines},\n)", "print(result)"])


def _import_of(estimator: Any) -> str:
    """Its public place: packages say so by underscores, ours has all on top."""
    kind = type(estimator)
    parts = kind.__module__.split(".")
    private = next((place for place, part in enumerate(parts) if part.startswith("_")), len(parts))
    module = "torchsmote" if parts[0] == "torchsmote" else ".".join(parts[:private])
    return f"from {module} import {kind.__name__}"


def _source(value: Any) -> str:
    """Element by element: the text of a long list ends in a digest."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{short_text(key)}: {_source(own)}" for key, own in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_source, value)) + "]"
    return short_text(value)
