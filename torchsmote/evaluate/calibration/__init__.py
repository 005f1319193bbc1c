"""From resampled probabilities back to true ones, and the thresholds that decisions need."""

from __future__ import annotations

from .aims import TUNABLE
from .decision import Decision, tune_decision
from .thresholds import threshold_for

__all__ = ["TUNABLE", "Decision", "threshold_for", "tune_decision"]
