"""What the differences say, in sentences: one yardstick decides, the 95 % interval."""

from __future__ import annotations

from collections.abc import Sequence

from ..evaluate.differences import Difference
from .summary import Summary

__all__ = ["verdict", "verdicts"]

_ENOUGH_SEEDS = 5


def verdict(summaries: Sequence[Summary]) -> str:
    """Which methods differ from the first, by the interval alone; then how that compares with the spread.

    Args:
        summaries: One per method, the opponent first.
    """
    opponent = summaries[0].method
    differences = _differences(summaries)
    if not differences:
        return f"Only `{opponent}` was trained: there is nothing to compare."
    seeds = next(iter(differences.values())).seeds
    count = len(differences)
    sentences = [
        _by_interval(differences, opponent),
        _by_spread(differences),
        f"{count} comparisons are made, each at 95 % on its own: some may miss by chance."
        if count > 1
        else "",
        f"Only {seeds} seeds: take no conclusion." if seeds < _ENOUGH_SEEDS else "",
    ]
    return " ".join(filter(None, sentences))


def verdicts(summaries: Sequence[Summary]) -> list[str]:
    """One sentence for each method but the first: its interval, and its spread."""
    opponent = summaries[0].method
    return [
        f"{name} against `{opponent}`: PR-AUC {difference.mean:+.4f}, 95 % interval {difference.low:+.4f} … "
        f"{difference.high:+.4f} {_place(difference)}; the difference is "
        f"{'' if difference.exceeds_spread else 'not '}larger than its spread over seeds, "
        f"{difference.spread:.4f}."
        for name, difference in _differences(summaries).items()
    ]


def _place(difference: Difference) -> str:
    return f"lies {difference.side} 0" if difference.side else "holds 0"


def _differences(summaries: Sequence[Summary]) -> dict[str, Difference]:
    return {summary.method: summary.difference for summary in summaries if summary.difference is not None}


def _by_interval(differences: dict[str, Difference], opponent: str) -> str:
    sided = [f"{name} ({difference.side} it)" for name, difference in differences.items() if difference.side]
    if not sided:
        return f"No method differs from `{opponent}` in PR-AUC: every 95 % interval holds 0."
    rest = "every other interval holds 0" if len(sided) < len(differences) else "no interval holds 0"
    return f"By the 95 % intervals, these differ from `{opponent}` in PR-AUC: {', '.join(sided)}; {rest}."


def _by_spread(differences: dict[str, Difference]) -> str:
    larger = [name for name, difference in differences.items() if difference.exceeds_spread]
    if not larger:
        return "No difference is larger than its spread over seeds."
    if len(larger) == len(differences):
        return "Every difference is larger than its spread over seeds."
    return f"The difference is larger than its spread over seeds for {', '.join(larger)} alone."
