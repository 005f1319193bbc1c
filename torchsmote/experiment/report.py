"""The table that the demo prints, and the sentences below it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from ..extras import import_extra
from .summary import MeanSpread, Summary

__all__ = ["render_report", "verdicts"]

_FULL_WIDTH = 98  # below this many columns the table is cut in two


class _Column(NamedTuple):
    """How one measure is shown."""

    measure: str
    title: str
    digits: int
    factor: float = 1.0


_QUALITY = (
    _Column("roc_auc", "ROC-\nAUC", 3),
    _Column("f1", "F1", 3),
    _Column("balanced_accuracy", "balanced\naccur.", 3),
    _Column("recall_at_1pct_fpr", "recall,\n1 % FPR", 3),
)
_COST = (
    _Column("brier", "Brier\nx1000", 2, 1000),
    _Column("rows_per_s", "1000\nrows/s", 0, 1e-3),
    _Column("seconds", "secs", 1),
)
_PR_AUC = _Column("pr_auc", "PR-AUC", 3)


def render_report(summaries: Sequence[Summary], title: str, *, width: int | None = None) -> str:
    """The table with its sentences as plain text.

    Args:
        summaries: One per method, the opponent first.
        title: Line above the table.
        width: Columns to use; None: the terminal's, or 98 where the output is no terminal. Below 98 the table
            is printed as two.

    Raises:
        ImportError: If rich is missing (extra ``demo``).
    """
    rich_console = import_extra("rich.console")
    if width is None:
        terminal = rich_console.Console()
        width = min(terminal.width, _FULL_WIDTH) if terminal.is_terminal else _FULL_WIDTH
    console = rich_console.Console(width=width, record=True, quiet=False, file=_Sink(), highlight=False)
    console.print(title, "\n")
    if width >= _FULL_WIDTH:
        console.print(_table(summaries, [*_QUALITY, *_COST], with_difference=True))
    else:
        console.print(_table(summaries, [*_QUALITY], with_difference=False))
        console.print()
        console.print(_table(summaries, [*_COST], with_difference=True))
    for line in ["", *verdicts(summaries), "", *_notes(summaries)]:
        console.print(line, markup=False)
    text: str = console.export_text()
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


class _Sink:
    """Where rich may write while it records: nowhere."""

    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None:
        """Nothing is held."""


def _table(summaries: Sequence[Summary], columns: Sequence[_Column], *, with_difference: bool) -> Any:
    table = import_extra("rich.table").Table(
        box=import_extra("rich.box").SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False
    )
    table.add_column("mean and\n±spread", min_width=14)
    table.add_column(_PR_AUC.title, justify="right", no_wrap=True)
    if with_difference:
        table.add_column(f"PR-AUC minus\n`{summaries[0].method}`, 95 %", justify="right", no_wrap=True)
    for column in columns:
        table.add_column(column.title, justify="right", no_wrap=True)
    for summary in summaries:
        cells = [summary.method, _cell(summary, _PR_AUC)]
        if with_difference:
            cells.append(_difference(summary))
        table.add_row(*cells, *(_cell(summary, column) for column in columns))
    return table


def _cell(summary: Summary, column: _Column) -> str:
    mean, spread = MeanSpread(*summary.measures[column.measure])
    digits = column.digits
    return f"{mean * column.factor:,.{digits}f}\n±{spread * column.factor:,.{digits}f}"


def _difference(summary: Summary) -> str:
    difference = summary.difference
    if difference is None:
        return ""
    return f"{difference.mean:+.3f}\n{difference.low:+.3f} … {difference.high:+.3f}"


def verdicts(summaries: Sequence[Summary]) -> list[str]:
    """One sentence for each method but the first: is its difference larger than the spread?"""
    opponent = summaries[0].method
    return [
        f"{summary.method} against `{opponent}`: PR-AUC {difference.mean:+.3f} "
        f"(spread {difference.spread:.3f}), {difference.verdict}."
        for summary in summaries
        if (difference := summary.difference) is not None
    ]


def _notes(summaries: Sequence[Summary]) -> list[str]:
    """What a reader should know before drawing conclusions."""
    opponent = summaries[0]
    notes = [
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
