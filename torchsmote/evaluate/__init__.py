"""Find out whether resampling helps: diagnose a table, compare methods, calibrate, report."""

from __future__ import annotations

from .calibration import PriorCorrection, Reliability, plot_reliability, reliability_curve, threshold_for
from .comparison.compare import compare
from .comparison.comparison import Comparison
from .comparison.torch_model import TorchModel
from .diagnosis import Diagnosis, diagnose

__all__ = [
    "Comparison",
    "Diagnosis",
    "PriorCorrection",
    "Reliability",
    "TorchModel",
    "compare",
    "diagnose",
    "plot_reliability",
    "reliability_curve",
    "threshold_for",
]
