"""The table that text_reviews.py and time_series.py print, and the sentences below it."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

import numpy as np

from torchsmote.evaluate.differences import Difference, paired_difference

TUNED = ", tuned"  # ends the name of a way whose decisions are shifted by what suits the validation part
TEST_PER_TRAIN = 1 / 3  # of five folds one is for test, one for validation, three for training
ENOUGH_SEEDS = 5

Scores = dict[str, list[list[float]]]  # for each way, for each seed, a value in [0, 1] for each measure


def report(scores: Scores, measures: Sequence[str]) -> str:
    """The table, and what its intervals say.

    Args:
        scores: Of each way; the others are compared with the first, and with its tuned form if that is there.
        measures: Names of the measures.
    """
    opponent, *others = scores
    seeds = len(scores[opponent])
    rows = [["per cent", *measures]]
    for name, values in scores.items():
        spreads = zip(100 * np.mean(values, 0), 100 * np.std(values, 0, ddof=1), strict=True)
        rows += [[""] * len(rows[0]), [name, *(f"{mean:.1f} ±{spread:.1f}" for mean, spread in spreads)]]
        if name != opponent:
            rows.append([f"  minus {opponent}", *map(_cell, _differences(scores, name, opponent))])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [" ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    lines += [
        "",
        f"Mean ±spread over {seeds} seeds. Below it the mean difference and its 95 % interval,",
        "with * where that does not hold 0. Each is 95 % on its own: of many, some miss by chance.",
    ]
    if seeds < ENOUGH_SEEDS:
        lines.append(f"Only {seeds} seeds: take no conclusion.")
    for against in (opponent, opponent + TUNED) if opponent + TUNED in others else (opponent,):
        lines += ["", f"Against `{against}`:"]
        for column, measure in enumerate(measures):
            sentence = _sentence(scores, against, column, measure)
            lines += wrap(sentence, 88, initial_indent="  ", subsequent_indent="    ")
    return "\n".join(lines)


def _cell(difference: Difference) -> str:
    star = "*" if difference.side else ""
    return f"{100 * difference.mean:+.1f} {100 * difference.low:+.1f}…{100 * difference.high:+.1f}{star}"


def _differences(scores: Scores, name: str, opponent: str) -> list[Difference]:
    """One for each measure; seed by seed on the same split."""
    pairs = zip(np.transpose(scores[name]), np.transpose(scores[opponent]), strict=True)
    return [
        paired_difference(own.tolist(), its.tolist(), test_per_train=TEST_PER_TRAIN) for own, its in pairs
    ]


def _sentence(scores: Scores, opponent: str, column: int, measure: str) -> str:
    """Which ways lie above or below the opponent by their intervals."""
    sides: dict[str, list[str]] = {"above": [], "below": [], "": []}
    for name in scores:
        if name != opponent:
            sides[_differences(scores, name, opponent)[column].side].append(name)
    found = [f"{side}: {'; '.join(names)}" for side, names in sides.items() if side and names]
    if not found:
        return f"{measure}: every interval holds 0, no way differs."
    return f"{measure}: {'. '.join(found)}{'. The others hold 0.' if sides[''] else '.'}"
