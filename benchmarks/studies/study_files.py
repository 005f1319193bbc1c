"""What the studies share: lines of results that outlive a stop, tables as CSV, and tables inside a page."""

from __future__ import annotations

import csv
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from torchsmote.progress import print_line

__all__ = ["END", "append_row", "fingerprint", "read_rows", "write_csv", "write_tables"]

END = "<!-- end of the tables -->"


def fingerprint(settings: Mapping[str, Any]) -> str:
    """What tells runs of these settings from those of others."""
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:12]


def read_rows(results: Path) -> list[dict[str, Any]]:
    """The lines that are there; one that was cut short counts for nothing."""
    lines = results.read_text(encoding="utf-8").splitlines() if results.exists() else []
    return [row for row in map(_parsed, lines) if row is not None]


def _parsed(line: str) -> dict[str, Any] | None:
    try:
        row: dict[str, Any] = json.loads(line)
    except json.JSONDecodeError:
        print_line("a result that was cut short is run again")
        return None
    return row


def append_row(results: Path, row: Mapping[str, Any]) -> None:
    """Add one line, whole, whoever else writes; behind one that was cut short, on a line of its own."""
    results.parent.mkdir(parents=True, exist_ok=True)
    with results.open("ab+") as file:
        file.seek(0, os.SEEK_END)
        if file.tell():
            file.seek(-1, os.SEEK_END)
        start = b"" if file.read(1) in (b"", b"\n") else b"\n"
        file.write(start + json.dumps(row).encode() + b"\n")


def write_csv(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows of the same keys, the keys as heading; nothing where there are no rows."""
    if not rows:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def write_tables(page: Path, start: str, tables: str) -> None:
    """Put the tables between the mark ``start`` and ``END`` of a page; what stands around them is kept."""
    text = page.read_text(encoding="utf-8") if page.exists() else f"{start}\n{END}\n"
    before, rest = text.split(start)
    _, after = rest.split(END)
    page.write_text(f"{before}{start}\n\n{tables}\n\n{END}{after}", encoding="utf-8")
