"""Which threshold is best for a metric, under a constraint, or at given costs, of those of a sweep."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..metrics.decisions import FROM_DECISIONS
from ..metrics.metric import METRICS, rate_of
from .sweep import Sweep

__all__ = ["TUNABLE", "best_for", "check_aim"]

TUNABLE: tuple[str, ...] = ("f1", "g_mean", "balanced_accuracy", "mcc")  # those with a best threshold inside
_OTHERS = {"precision": "recall", "recall": "precision"}  # bounded below -> what is then maximised

_KNOWN = (
    f"known are {', '.join(TUNABLE)}, a bound such as 'precision>=0.9' or 'recall>=0.95', and recall_at_fpr"
)


def check_aim(aim: str) -> None:
    """Refuse a text that names no rule for a threshold.

    Raises:
        ValueError: It says which are known.
    """
    name, sign, text = aim.partition(">=")
    if aim in TUNABLE:
        return
    if sign and name in _OTHERS:
        _bound(aim, text)
    elif aim.partition("=")[0] == "recall_at_fpr":
        rate_of(aim, "metric_or_cost")
    elif aim in METRICS:
        reason = "is best where all rows, or one, are positive" if aim in _OTHERS else "reads no decisions"
        raise ValueError(f"`metric_or_cost`={aim!r} {reason}, so no threshold suits it; {_KNOWN}")
    else:
        raise ValueError(f"`metric_or_cost` has no {aim!r}; {_KNOWN}")


def best_for(aim: str, cuts: Sweep) -> float:
    """The best threshold for an aim that ``check_aim`` lets pass.

    Args:
        aim: A metric of ``TUNABLE``; "precision>=0.9" (the largest recall with at least that precision),
            "recall>=0.95" (the largest precision); "recall_at_fpr=0.05" (the largest recall).
        cuts: The thresholds.

    Raises:
        ValueError: If no threshold keeps the bound.
    """
    if aim in TUNABLE:
        return cuts.best(_values(aim, cuts), np.isfinite(cuts.thresholds))
    name, sign, text = aim.partition(">=")
    if not sign:
        negatives = cuts.matrices[:, 0]
        return cuts.best(_values("recall", cuts), negatives[:, 1] / negatives.sum(-1) <= rate_of(aim))
    found = _values(name, cuts)
    allowed = found >= _bound(aim, text)
    if not allowed.any():
        raise ValueError(
            f"`metric_or_cost`={aim!r} cannot be kept: the best {name} of any threshold is {found.max():.3g}"
        )
    return cuts.best(_values(_OTHERS[name], cuts), allowed)


def _values(name: str, cuts: Sweep) -> NDArray[np.float64]:
    return FROM_DECISIONS[name](cuts.matrices, 1)


def _bound(aim: str, text: str) -> float:
    try:
        bound = float(text)
    except ValueError:
        bound = float("nan")
    if not 0 < bound <= 1:
        raise ValueError(f"`metric_or_cost`={aim!r} must have a bound above 0 and at most 1")
    return bound
