"""From resampled probabilities back to true ones, and the thresholds that decisions need."""

from __future__ import annotations

from .aims import TUNABLE
from .decision import Decision, tune_decision
from .prior_correction import PriorCorrection
from .reliability import Reliability, plot_reliability, reliability_curve
from .thresholds import threshold_for

__all__ = [
    "TUNABLE",
    "Decision",
    "PriorCorrection",
    "Reliability",
    "plot_reliability",
    "reliability_curve",
    "threshold_for",
    "tune_decision",
]
