"""Combinations: an over-sampler adds rows, then a cleaner drops those that lie in the wrong place."""

from .smote_ipf import SMOTEIPF

__all__ = ["SMOTEIPF"]
