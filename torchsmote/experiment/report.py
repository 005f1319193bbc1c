"""The table that the demo prints, and the sentences below it."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from typing import Any, NamedTuple

from ..extras import import_extra
from .summary import Summary
from .verdict import verdict, verdicts

__all__ = ["FULL_WIDTH", "render_report"]

FULL_WIDTH = 98  # the whole table side by side; in fewer columns it is cut into several, one below the other
_NARROWEST = 40  # one method and one measure
_NAME_WIDTH = 14  # names wrap between words; a longer word widens the column
_UNLIMITED = 1000


class _Column(NamedTuple):
    """How one measure is shown."""

    measure: str
    title: str
    digits: int
    factor: float = 1.0

    def cell(self, summary: Summary) -> str:
        """Mean above spread."""
        mean, spread = summary.measures[self.measure]
        return f"{mean * self.factor:,.{self.digits}f}\n±{spread * self.factor:,.{self.digits}f}"


class _Difference(NamedTuple):
    """The column of differences from the opponent."""

    title: str

    def cell(self, summary: Summary) -> str:
        """Mean above interval; empty for the opponent itself."""
        difference = summary.difference
        if difference is None:
            return ""
        return f"{difference.mean:+.3f}\n{difference.low:+.3f} … {difference.high:+.3f}"


_PR_AUC = _Column("pr_auc", "PR-AUC", 3)
_OTHERS = (
    _Column("roc_auc", "ROC-\nAUC", 3),
    _Column("f1", "F1", 3),
    _Column("balanced_accuracy", "balanced\naccur.", 3),
    _Column("recall_at_1pct_fpr", "recall,\n1 % FPR", 3),
    _Column("brier", "Brier\nx1000", 2, 1000),
    _Column("rows_per_s", "1000\nrows/s", 0, 1e-3),
    _Column("seconds", "secs", 1),
)


def render_report(summaries: Sequence[Summary], title: str, *, width: int | None = None) -> str:
    """The table with its sentences as plain text.

    Args:
        summaries: One per method, the opponent first.
        title: Line above the table.
        width: Columns to use, from 40 to 98; None: COLUMNS or the terminal's, 80 where neither is known.

    Raises:
        ImportError: If rich is missing (extra ``demo``).
    """
    if width is None:
        width = shutil.get_terminal_size(fallback=(80, 24)).columns
    width = min(max(width, _NARROWEST), FULL_WIDTH)
    console = import_extra("rich.console").Console(width=width, record=True, file=_Sink(), highlight=False)
    console.print(title, "\n", markup=False)
    for table in _tables(console, summaries):
        console.print(table)
        console.print()
    paragraphs = [verdict(summaries), "", *verdicts(summaries), "", *_notes(summaries)]
    for paragraph in paragraphs:
        console.print(paragraph, markup=False)
    text: str = console.export_text()
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


class _Sink:
    """Where rich may write while it records: nowhere."""

    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None:
        """Nothing is held."""


def _tables(console: Any, summaries: Sequence[Summary]) -> list[Any]:
    """As few tables as fit the console, each with the methods' names."""
    difference = _Difference(f"PR-AUC minus\n`{summaries[0].method}`, 95 %")
    unlimited = console.options.update_width(_UNLIMITED)  # else measuring stops at the console's width
    tables: list[Any] = []
    columns: list[_Column | _Difference] = []
    for column in (_PR_AUC, difference, *_OTHERS):
        longer = _table(summaries, [*columns, column])
        if columns and console.measure(longer, options=unlimited).maximum > console.width:
            columns, longer = [], _table(summaries, [column])
        if columns:
            tables.pop()
        columns.append(column)
        tables.append(longer)
    return tables


def _table(summaries: Sequence[Summary], columns: Sequence[_Column | _Difference]) -> Any:
    table = import_extra("rich.table").Table(
        box=import_extra("rich.box").SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False
    )
    longest = max(len(word) for summary in summaries for word in summary.method.split())
    table.add_column("mean and\n±spread", width=max(longest, _NAME_WIDTH))
    for column in columns:
        table.add_column(column.title, justify="right", no_wrap=True)
    for summary in summaries:
        table.add_row(summary.method, *(column.cell(summary) for column in columns))
    return table


def _notes(summaries: Sequence[Summary]) -> list[str]:
    """What a reader should know before drawing conclusions."""
    opponent = summaries[0]
    notes = [
        "Speeds (rows/s, secs) are those of this machine at this moment.",
        "Each seed has its own split, and no group is in two parts. The interval is a t interval over seeds, "
        "corrected for training parts that overlap (Nadeau and Bengio 2003). F1 and balanced accuracy use "
        f"the threshold that is best on validation, for `{opponent.method}` too: it is the opponent to beat.",
    ]
    base = opponent.measures["brier"].mean
    worse = [
        f"{summary.method} x{summary.measures['brier'].mean / base:.2f}"
        for summary in summaries[1:]
        if summary.measures["brier"].mean > base
    ]
    if worse:
        notes.append(
            f"Brier score above that of `{opponent.method}`: {', '.join(worse)}. Changing the share of the "
            "rare class makes probabilities too high: correct for it before they are read as such."
        )
    return notes
