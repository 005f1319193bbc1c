"""Metrics of predictions for imbalanced classes, and the curves behind them."""

from __future__ import annotations

from .curves import BINS, GRID, ClassCurves, class_curves
from .decisions import confusion, per_class
from .metric import METRICS, Metric, check_metrics, metric_of
from .scoring import score

__all__ = [
    "BINS",
    "GRID",
    "METRICS",
    "ClassCurves",
    "Metric",
    "check_metrics",
    "class_curves",
    "confusion",
    "metric_of",
    "per_class",
    "score",
]
