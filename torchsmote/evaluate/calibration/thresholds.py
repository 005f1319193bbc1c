"""From which probability on to predict the positive class."""

from __future__ import annotations

from typing import Any

import numpy as np

from .aims import best_for, check_aim
from .costs import cost_threshold, read_costs
from .rows import read_rows
from .sweep import sweep

__all__ = ["threshold_for"]


def threshold_for(metric_or_cost: Any, y_true: Any = None, p: Any = None) -> float:
    r"""The threshold t that suits a metric or the costs of errors: predict positive where ``p >= t``.

    From costs alone, for probabilities that are calibrated, it is where both answers cost the same:

    .. math:: t = \frac{c_{01} - c_{00}}{c_{01} - c_{00} + c_{10} - c_{11}}

    where c_ij is the cost of predicting j of a row of class i. With rows, for a metric or for costs, every
    distinct score is tried, in one pass over the sorted scores; of equally good thresholds it is the largest,
    with the fewest rows called positive. Take rows that were not trained on, nor resampled: a threshold that
    is tuned on training rows, or on synthetic ones, is too high or too low for new rows.

    Args:
        metric_or_cost: What to aim at:

            - "f1", "g_mean", "balanced_accuracy" or "mcc": the largest value;
            - "precision>=0.9": the largest recall among thresholds of at least that precision;
            - "recall>=0.95": the largest precision among those of at least that recall;
            - "recall_at_fpr=0.05": the largest recall with at most that share of the negatives called
              positive; "recall_at_fpr" is at 0.01;
            - a 2 x 2 matrix cost[true][predicted], 1 the positive class, whose errors cost more than being
              right: with rows, the lowest total cost on them.
        y_true: Labels, shape (n,). The positive class is 1 of 0 and 1 or of -1 and 1, and True of bools; of
            any other two labels the rarer one. Needed for metrics; leave it out to go by the costs alone.
        p: Predicted probability of the positive class, or any score that grows with it, shape (n,).

    Returns:
        One of the values of ``p``, or inf where it is best to call no row positive; from costs alone a value
        between 0 and 1.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If the aim is unknown or cannot be kept, rows are missing or do not fit, ``y_true`` does
            not hold two classes, or the costs are degenerate.

    Reference:
        Elkan, "The foundations of cost-sensitive learning", IJCAI 2001.

    >>> threshold_for("f1", [0, 0, 1, 0, 1], [0.1, 0.3, 0.4, 0.6, 0.9])
    0.4
    >>> threshold_for([[0, 1], [9, 0]])  # a missed positive costs nine false alarms
    0.1
    """
    costs = None
    if isinstance(metric_or_cost, str):
        check_aim(metric_or_cost)
    else:
        costs = read_costs(metric_or_cost)
    if (y_true is None) != (p is None):
        missing, there = ("y_true", "p") if y_true is None else ("p", "y_true")
        raise ValueError(f"`{missing}` is missing: `{there}` alone says nothing about thresholds")
    if costs is not None and y_true is None:
        return cost_threshold(costs)
    if y_true is None:
        raise ValueError(f"`y_true` and `p` are needed to tune a threshold for {metric_or_cost!r}")
    cuts = sweep(*read_rows(y_true, p))
    if costs is None:
        return best_for(metric_or_cost, cuts)
    return cuts.best(-np.sum(cuts.matrices * costs, axis=(1, 2)))
