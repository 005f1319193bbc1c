"""What the columns of a table are to a command, and whether a method can use them so."""

from __future__ import annotations

import shlex
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from ..evaluate.diagnosis.rules import SCALE_RATIO
from ..exceptions import DataWarning
from ..extras import import_extra
from .tables import Survey, TableFile, is_number

__all__ = [
    "Columns",
    "check_categories",
    "check_numbers",
    "choose_columns",
    "in_option",
    "one_column",
    "warn_of_scales",
]


@dataclass(frozen=True)
class Columns:
    """Names of columns, each list in the order of the table.

    Attributes:
        target: The labels.
        features: What rows are compared by, and made of.
        categorical: Those features that hold categories.
        ignored: What is neither: kept in real rows, and empty in those that are made.
    """

    target: str
    features: list[str]
    categorical: list[str]
    ignored: list[str]

    @property
    def numerical(self) -> list[str]:
        """The features that hold numbers."""
        return [name for name in self.features if name not in self.categorical]

    @property
    def categorical_places(self) -> list[int]:
        """Positions of the categories among the features."""
        return [self.features.index(name) for name in self.categorical]


def choose_columns(
    file: TableFile, target: str, categorical: Sequence[str] = (), ignored: Sequence[str] = ()
) -> Columns:
    """Sort the columns of a table; the index of a pandas data frame is ignored.

    Raises:
        ValueError: If a name is not in the table, or is given two meanings, or no feature is left.
    """
    one_column(file, target, "--target")
    for option, names in (("--categorical", categorical), ("--ignore", ignored)):
        for name in names:
            one_column(file, name, option)
            if name == target:
                raise ValueError(f"{option} names {name!r}, which is the --target; leave it out")
    both = [name for name in categorical if name in ignored]
    if both:
        raise ValueError(f"{both[0]!r} is in --categorical and in --ignore; choose one")
    ignored = [*ignored, *(name for name in file.index if name != target and name not in categorical)]
    features = [name for name in file.names if name != target and name not in ignored]
    if not features:
        raise ValueError(f"{file.path} has no column beside {target!r} to work with")
    return Columns(
        target,
        features,
        [name for name in features if name in categorical],
        [name for name in file.names if name in ignored],
    )


def one_column(file: TableFile, name: str, option: str) -> None:
    """Refuse a name that the table does not have.

    Raises:
        ValueError: With the nearest name, or all of them.
    """
    if name in file.names:
        return
    near = get_close_matches(name, file.names, n=1) or [
        known for known in file.names if known.strip().lower() == name.strip().lower()
    ]
    shown = ", ".join(map(repr, file.names[:8])) + (", ..." if len(file.names) > 8 else "")
    hint = f"did you mean {near[0]!r}?" if near else f"it has {shown}"
    raise ValueError(f"{option}: {file.path} has no column {name!r}; {hint}")


def check_categories(found: Survey, columns: Columns) -> None:
    """Refuse categories that cannot be told apart.

    Raises:
        ValueError: If a column holds lists or the like.
    """
    types = import_extra("pyarrow", "cli").types
    for name in columns.categorical:
        kind = found.schema.field(name).type
        if types.is_nested(kind):
            raise ValueError(
                f"--categorical: column {name!r} holds values of type {kind}, which are no categories; leave "
                "it out by --ignore"
            )


def check_numbers(file: TableFile, found: Survey, columns: Columns, otherwise: str = "") -> None:
    """Refuse features that no distance can be computed from.

    Args:
        file: The table.
        found: Its survey.
        columns: What its columns are.
        otherwise: What else helps where values are missing, for the message.

    Raises:
        ValueError: If one of the numerical features holds something else, or has missing values.
    """
    others = [name for name in columns.numerical if not is_number(found.schema.field(name).type)]
    if others:
        first, *more = others
        alike = f" (those in {', '.join(map(repr, more))} are none either)" if more else ""
        named = in_option(others)
        raise ValueError(
            f"column {first!r} holds {_example(file, found, first)}, and distances need numbers{alike}; "
            f"name such columns in --categorical {named} if they are categories (with smote), or leave them "
            f"out of the computation by --ignore {named}"
        )
    for name in columns.numerical:
        if name in found.missing:
            count, row = found.missing[name]
            more_rows = f" and in {count - 1:,} more" if count > 1 else ""
            raise ValueError(
                f"column {name!r} has no finite number in data row {row + 1:,}{more_rows}, and distances "
                f"need one; fill in or drop such rows first{otherwise}"
            )


def warn_of_scales(found: Survey, columns: Columns) -> None:
    """Say so where one column alone decides which rows are nearest.

    Warns:
        DataWarning: If the standard deviations of two columns differ as much as `diagnose` warns of.
    """
    deviations = {name: found.deviations[name] for name in columns.numerical if name in found.deviations}
    if len(deviations) < 2:
        return
    widest, narrowest = (
        max(deviations, key=deviations.__getitem__),
        min(deviations, key=deviations.__getitem__),
    )
    ratio = deviations[widest] / deviations[narrowest]
    if ratio >= SCALE_RATIO:
        warnings.warn(
            f"column {widest!r} varies {ratio:,.0f} times as much as {narrowest!r}: distances are taken "
            "in the file's own numbers, so the widest columns decide which rows are nearest; to change that, "
            "scale the columns first",
            DataWarning,
            stacklevel=2,
        )


def in_option(names: Sequence[str]) -> str:
    """Names of columns as an option takes them in a shell.

    >>> print(in_option(["id", "amount, EUR"]))
    'id,"amount, EUR"'
    """
    return shlex.quote(",".join(f'"{name}"' if "," in name else name for name in names))


def _example(file: TableFile, found: Survey, name: str) -> str:
    """What is in a column that is no number, with its row where there is text among numbers."""
    pa, compute = import_extra("pyarrow", "cli"), import_extra("pyarrow.compute", "cli")
    kind = found.schema.field(name).type
    if not pa.types.is_string(kind):
        return f"values of type {kind}"
    done = 0
    for table in file.tables(found.schema, [name]):
        text: Any = table[name]
        number = compute.match_substring_regex(text, r"^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*$")
        plain = compute.fill_null(number, True).to_pylist()
        if False in plain:
            row = plain.index(False)
            return f"text ({text[row].as_py()!r:.40} in data row {done + row + 1:,})"
        done += len(plain)
    return "numbers with leading zeros, which are read as text"
