"""The metrics by name: what each is called in a table, which way is better, and what it reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Literal

__all__ = ["METRICS", "Metric", "check_metrics", "metric_of", "rate_of"]

_RATE = 0.01  # false positives that ``recall_at_fpr`` allows unless its name says otherwise


@dataclass(frozen=True)
class Metric:
    """A metric; docs/metrics.md has the formula and the source of each.

    Attributes:
        name: As arguments and results have it, such as "pr_auc" or "recall_at_fpr=0.05".
        label: As tables and pictures show it.
        higher_is_better: Whether more is better; less is for ``brier`` and ``ece``.
        reads: "decisions" (predicted classes, which depend on a threshold) or "probabilities".
    """

    name: str
    label: str
    higher_is_better: bool
    reads: Literal["decisions", "probabilities"]


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("precision", "precision", True, "decisions"),
        Metric("recall", "recall", True, "decisions"),
        Metric("f1", "F1", True, "decisions"),
        Metric("g_mean", "G-mean", True, "decisions"),
        Metric("balanced_accuracy", "balanced accuracy", True, "decisions"),
        Metric("mcc", "MCC", True, "decisions"),
        Metric("roc_auc", "ROC-AUC", True, "probabilities"),
        Metric("pr_auc", "PR-AUC", True, "probabilities"),
        Metric("recall_at_fpr", f"recall at {100 * _RATE:g} % FPR", True, "probabilities"),
        Metric("brier", "Brier score", False, "probabilities"),
        Metric("ece", "ECE", False, "probabilities"),
    )
}


def check_metrics(names: Sequence[str] | None) -> tuple[str, ...]:
    """The metrics asked for, in that order.

    Args:
        names: Of ``METRICS``, or such as "recall_at_fpr=0.05"; a single name; or None: all, ``pr_auc`` first.

    Raises:
        TypeError: If it is no list, whose order counts, or a name is no string.
        ValueError: If a name is unknown or given twice, or there is none.

    >>> check_metrics(["f1", "recall_at_fpr=0.05"]), check_metrics(None)[:3]
    (('f1', 'recall_at_fpr=0.05'), ('pr_auc', 'precision', 'recall'))
    """
    if names is None:
        return ("pr_auc", *(name for name in METRICS if name != "pr_auc"))
    if not isinstance(names, Sequence):
        raise TypeError(f"`metrics` must be a list of names such as ['pr_auc', 'f1'], got {names!r}")
    asked = (names,) if isinstance(names, str) else tuple(names)
    if not asked:
        raise ValueError("`metrics` names no metric; leave it out for all of them")
    for name in asked:
        metric_of(name)
    twice = [name for name in asked if asked.count(name) > 1]
    if twice:
        raise ValueError(f"`metrics` has {twice[0]!r} more than once; name each metric once")
    return asked


def metric_of(name: str) -> Metric:
    """The metric of a name, with its label: of ``METRICS``, or ``recall_at_fpr`` at a rate of its own.

    Raises:
        TypeError: If the name is no string.
        ValueError: If there is none; it lists the names.

    >>> metric_of("recall_at_fpr=0.05").label
    'recall at 5 % FPR'
    """
    if not isinstance(name, str):
        raise TypeError(f"`metrics` must hold names such as 'f1', got {name!r}")
    base, equals, _ = name.partition("=")
    if not equals and name in METRICS:
        return METRICS[name]
    if equals and base == "recall_at_fpr":
        return replace(METRICS[base], name=name, label=f"recall at {100 * rate_of(name):g} % FPR")
    near = get_close_matches(base.lower(), METRICS, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else "."
    raise ValueError(f"`metrics` has no {name!r}{hint} Known are: {', '.join(METRICS)}")


def rate_of(name: str, argument: str = "metrics") -> float:
    """The false-positive rate in a name such as "recall_at_fpr=0.05"; without one, 0.01.

    Args:
        name: The metric's.
        argument: Where it was given, for the message.

    Raises:
        ValueError: If it is no number between 0 and 1.
    """
    _, equals, text = name.partition("=")
    if not equals:
        return _RATE
    try:
        rate = float(text)
    except ValueError:
        rate = float("nan")
    if not 0 < rate < 1:
        raise ValueError(f"`{argument}` has {name!r}, but the rate must be a number between 0 and 1")
    return rate
