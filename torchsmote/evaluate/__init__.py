"""Find out whether resampling helps: diagnose a table, compare methods, calibrate, report."""

from __future__ import annotations

from .comparison.torch_model import TorchModel

__all__ = ["TorchModel"]
