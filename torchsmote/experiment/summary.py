"""From one result per seed and method to one row per method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np

from ..evaluate.differences import Difference, paired_difference
from .runs import Result
from .scores import METRICS

__all__ = ["MEASURES", "TEST_PER_TRAIN", "MeanSpread", "Summary", "summarize"]

MEASURES: tuple[str, ...] = (*METRICS, "rows_per_s", "seconds")
TEST_PER_TRAIN = 1 / 3  # of five folds one is for test, one for validation, three for training


class MeanSpread(NamedTuple):
    """Mean and standard deviation over seeds."""

    mean: float
    spread: float


@dataclass(frozen=True)
class Summary:
    """A method over all seeds.

    Attributes:
        method: Its name.
        measures: Mean and spread of each of ``MEASURES``.
        difference: Of its PR-AUC from that of the first method; None for the first itself.
    """

    method: str
    measures: Mapping[str, MeanSpread]
    difference: Difference | None

    def row(self) -> dict[str, Any]:
        """The summary as one flat row."""
        row: dict[str, Any] = {"method": self.method}
        for name, (mean, spread) in self.measures.items():
            row |= {name: mean, f"{name}_spread": spread}
        difference = asdict(self.difference) if self.difference else {}
        return row | {
            f"pr_auc_difference_{key}": difference.get(key) for key in ("mean", "low", "high", "spread")
        }


def summarize(results: Sequence[Result]) -> list[Summary]:
    """One summary per method, in order of appearance; the first method is what the others are compared with.

    Args:
        results: One for every pair of seed and method, at least two seeds.
    """
    by_method: dict[str, list[Result]] = {}
    for result in results:
        by_method.setdefault(result.method, []).append(result)
    opponent, *_ = by_method
    summaries = []
    for method, own in by_method.items():
        columns = {name: np.array([result.row()[name] for result in own]) for name in MEASURES}
        measures = {
            name: MeanSpread(float(values.mean()), float(values.std(ddof=1)))
            for name, values in columns.items()
        }
        difference = None
        if method != opponent:
            difference = paired_difference(
                columns["pr_auc"].tolist(),
                [result.scores.pr_auc for result in by_method[opponent]],
                test_per_train=TEST_PER_TRAIN,
            )
        summaries.append(Summary(method, measures, difference))
    return summaries
