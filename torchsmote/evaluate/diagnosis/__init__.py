"""What is known about a table before anything is resampled."""

from .diagnose import diagnose
from .diagnosis import Diagnosis
from .findings import Finding, Recommendation

__all__ = ["Diagnosis", "Finding", "Recommendation", "diagnose"]
