"""Combinations: an over-sampler adds rows, then a cleaner drops those that lie in the wrong place."""

from .smote_enn import SMOTEENN
from .smote_ipf import SMOTEIPF
from .smote_tomek import SMOTETomek

__all__ = ["SMOTEENN", "SMOTEIPF", "SMOTETomek"]
