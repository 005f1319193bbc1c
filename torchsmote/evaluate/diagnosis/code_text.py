"""Python as text, in lines that fit a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from json import dumps
from pprint import pformat
from typing import Any

__all__ = ["Code", "call", "columns", "mapping", "script"]

_WIDTH = 72
_SHORT = {"np.": "import numpy as np", "cs.": "import polars.selectors as cs"}


class Code(str):
    """Text that is code already, and is not to be quoted."""

    __slots__ = ()


def call(name: str, *values: Any, **arguments: Any) -> str:
    """A call as code, with one argument a line where it is long.

    >>> call("SMOTE", k_neighbors=3, sampling_strategy=Code("{np.int64(1): 5}"))
    'SMOTE(k_neighbors=3, sampling_strategy={np.int64(1): 5})'
    """
    words = [_literal(value) for value in values]
    words += [f"{key}={_literal(value)}" for key, value in arguments.items()]
    line = f"{name}({', '.join(words)})"
    if len(line) <= _WIDTH - 10 and "\n" not in line:  # what it is assigned to stands before it
        return line
    inside = "\n".join(f"{word}," for word in words)
    return f"{name}(\n" + "\n".join(f"    {line}" for line in inside.split("\n")) + "\n)"


def _literal(value: Any) -> str:
    if isinstance(value, str) and not isinstance(value, Code):
        return dumps(value)
    return str(value) if isinstance(value, Code) else pformat(value, width=_WIDTH - 20, compact=True)


def columns(places: Sequence[int]) -> Code:
    """Positions of columns: a slice where they follow one another and are many, else a list.

    >>> columns([2, 3, 4, 5]), columns([0, 2])
    ('slice(2, 6)', '[0, 2]')
    """
    if len(places) > 2 and list(places) == list(range(places[0], places[-1] + 1)):
        return Code(f"slice({places[0]}, {places[-1] + 1})")
    return Code(_literal(list(places)))


def mapping(counts: Mapping[str, int]) -> Code:
    """A dict as code, from keys that are code.

    >>> mapping({"np.int64(1)": 5})
    '{np.int64(1): 5}'
    """
    words = [f"{key}: {count}" for key, count in counts.items()]
    line = f"{{{', '.join(words)}}}"
    if len(line) <= _WIDTH - 32:
        return Code(line)
    return Code("{\n" + "".join(f"    {word},\n" for word in words) + "}")


def script(imports: Iterable[str], lines: Iterable[str]) -> str:
    """Imports, each once and in order, and the lines that use them.

    >>> print(script(["from b import c", "import a"], ["c(a)"]))
    import a
    from b import c
    <BLANKLINE>
    c(a)
    """
    body = "\n".join(lines)
    needed = {line for used, line in _SHORT.items() if used in body}
    ordered = sorted({*needed, *imports}, key=lambda line: (line.startswith("from"), line.lower()))
    return "\n".join([*ordered, "", body]) if ordered else body
