"""What errors cost, and the threshold that follows from it alone."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

__all__ = ["cost_threshold", "read_costs"]


def read_costs(cost: Any) -> NDArray[np.float64]:
    """A cost matrix, cost[true][predicted], where 1 is the positive class.

    Raises:
        TypeError: If it holds no numbers.
        ValueError: If it is not 2 x 2 and finite, or an error costs no more than being right.
    """
    try:
        if isinstance(cost, Tensor):
            cost = cost.detach().cpu().double()
        costs = np.asarray(cost, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise TypeError(
            "`metric_or_cost` must be the name of a metric or a 2 x 2 cost matrix cost[true][predicted], got "
            f"{cost!r}"
        ) from error
    if costs.shape != (2, 2) or not np.isfinite(costs).all():
        raise ValueError(
            "`metric_or_cost` must be a finite 2 x 2 cost matrix cost[true][predicted], got "
            f"{costs.tolist()} of shape {costs.shape}"
        )
    for true, which in ((0, "a negative row called positive"), (1, "a positive row called negative")):
        wrong, right = costs[true, 1 - true], costs[true, true]
        if wrong <= right:
            raise ValueError(
                f"`metric_or_cost` must make errors cost more than being right, but {which} costs {wrong:g} "
                f"and called rightly {right:g}: one answer would be best whatever the row; the entries are "
                "cost[true][predicted], such as [[0, 1], [10, 0]] where a missed positive costs 10 false "
                "alarms"
            )
    return costs


def cost_threshold(costs: NDArray[np.float64]) -> float:
    """Where being called positive and negative cost the same, for calibrated probabilities (Elkan 2001).

    >>> cost_threshold(np.array([[0.0, 1.0], [9.0, 0.0]]))
    0.1
    """
    false_alarm = costs[0, 1] - costs[0, 0]
    miss = costs[1, 0] - costs[1, 1]
    return float(false_alarm / (false_alarm + miss))
