"""``torchsmote diagnose``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..evaluate import diagnose as examine
from ..extras import import_extra
from .frames import feature_frame, read_frame
from .inputs import Input, add_report, check_report, read_input, show, write_report
from .options import add_table
from .status import Parser
from .words import noting

__all__ = ["diagnose", "diagnose_parser"]


def diagnose(words: Sequence[str]) -> int:
    """Say whether a table should be resampled, with what and how far, and what is wrong with it."""
    import_extra("pyarrow", "cli")
    asked = diagnose_parser().parse_args(words)
    check_report(asked)
    with noting():
        given = read_input(asked, [name for name in (asked.group, asked.split) if name])
        split = None if asked.split is None else _split(given, asked.split)
        X = feature_frame(given.file, given.found, given.columns, given.watch)
        found = examine(X, given.found.labels.values, split=split, seed=asked.seed)
        write_report(found, asked.report)
    show(found, asked)
    return 0


def diagnose_parser() -> Parser:
    """Its options."""
    parser = Parser(prog="torchsmote diagnose", description=diagnose.__doc__)
    add_table(parser)
    parser.add_argument("--group", metavar="COL", help="Column of groups; it is left out of the features.")
    parser.add_argument(
        "--split", metavar="COL", help="Column that says train or test, to see what would leak between them."
    )
    add_report(parser)
    return parser


def _split(given: Input, name: str) -> tuple[Any, Any]:
    """Numbers of the training and of the test rows.

    Raises:
        ValueError: If the column says anything else of a row.
    """
    parts = read_frame(given.file, given.found, [name])[name].astype(str).str.strip().str.lower().to_numpy()
    other = ~np.isin(parts, ("train", "test"))
    if other.any():
        row = int(other.argmax())
        raise ValueError(
            f"--split: column {name!r} must hold train or test, but has {parts[row]!r} in data row "
            f"{row + 1:,}"
        )
    return np.flatnonzero(parts == "train"), np.flatnonzero(parts == "test")
