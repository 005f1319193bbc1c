"""Arguments as Python that makes them again, with the imports that it needs."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from inspect import signature
from typing import Any

import numpy as np
from torch import Tensor

from ...short_text import short_text

__all__ = ["Source"]


class Source:
    """Python for values, one after the other, for one script.

    Args:
        taken: Names that the script uses for something else.

    Attributes:
        imports: Lines that the expressions need.
        undefined: Names in them of what nobody but the user can define: functions that no module has, such as
            lambdas and those of a notebook.

    >>> from sklearn.linear_model import LogisticRegression
    >>> source = Source()
    >>> source.of([LogisticRegression(C=0.1), lambda x: x])
    '[LogisticRegression(C=0.1), my_function]'
    >>> source.imports, source.undefined
    ({'from sklearn.linear_model import LogisticRegression'}, ['my_function'])
    """

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._named: dict[str, Any] = dict.fromkeys(taken)  # what each name stands for
        self.imports: set[str] = set()
        self.undefined: list[str] = []

    def of(self, value: Any) -> str:
        """An expression for a value; what has none gets a name that is ``undefined``."""
        if isinstance(value, (np.generic, np.ndarray, Tensor)):
            value = value.tolist()
        if isinstance(value, float) and not np.isfinite(value):
            return f"float({str(value)!r})"
        if value is None or isinstance(value, (bool, int, float, str)):
            return repr(value)
        if isinstance(value, Mapping):
            return "{" + ", ".join(f"{self.of(key)}: {self.of(own)}" for key, own in value.items()) + "}"
        if isinstance(value, list):
            return f"[{', '.join(map(self.of, value))}]"
        if isinstance(value, tuple):
            return f"({', '.join(map(self.of, value))}{',' * (len(value) == 1)})"
        return self._object(value)

    def _object(self, value: Any) -> str:
        kind = type(value)
        if callable(value) and hasattr(value, "__name__"):  # a function or a class
            return self._name(value, value.__name__)
        if hasattr(value, "get_params"):
            return self._call(kind, value.get_params(deep=False))
        if is_dataclass(value):
            return self._call(kind, {own.name: getattr(value, own.name) for own in fields(value) if own.init})
        if _makes_itself(value):
            return self._name(kind, kind.__name__) + repr(value).removeprefix(kind.__name__)
        return self._define(value, f"my_{kind.__name__}")

    def _call(self, kind: type, arguments: Mapping[str, Any]) -> str:
        """A call with what is not at its default."""
        defaults = {name: parameter.default for name, parameter in signature(kind).parameters.items()}
        changed = {
            name: own
            for name, own in arguments.items()
            if name not in defaults or short_text(own) != short_text(defaults[name])
        }
        inside = ", ".join(f"{name}={self.of(own)}" for name, own in changed.items())
        return f"{self._name(kind, kind.__name__)}({inside})"

    def _name(self, value: Any, name: str) -> str:
        """How the script calls a function or a class."""
        module = _place(value, name)
        if module is None:
            return self._define(value, name if name.isidentifier() else "my_function")
        if self._named.setdefault(name, value) is not value:
            self.imports.add(f"import {module}")
            return f"{module}.{name}"
        self.imports.add(f"from {module} import {name}")
        return name

    def _define(self, value: Any, base: str) -> str:
        name, number = base, 1
        while self._named.setdefault(name, value) is not value:
            number += 1
            name = f"{base}_{number}"
        if name not in self.undefined:
            self.undefined.append(name)
        return name


def _place(value: Any, name: str) -> str | None:
    """The shortest module that has it, as packages show on top what they define below; None: none has it."""
    parts = str(getattr(value, "__module__", None) or "").split(".")
    modules = [".".join(parts[:end]) for end in range(1, len(parts) + 1)]
    found = (module for module in modules if getattr(sys.modules.get(module), name, None) is value)
    return next((module for module in found if module != "__main__"), None)


def _makes_itself(value: Any) -> bool:
    """Whether its text is a call of its class, as that of scikit-learn's splitters is."""
    text = repr(value)
    try:
        ast.parse(text, mode="eval")
    except (SyntaxError, ValueError):
        return False
    return text.startswith(f"{type(value).__name__}(")
