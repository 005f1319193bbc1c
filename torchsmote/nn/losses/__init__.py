"""Losses for imbalanced classes, for labels and for shares of labels."""

from .focal import FocalLoss
from .ldam import LDAMLoss
from .logit_adjusted import LogitAdjustedLoss
from .weights import class_balanced_weights

__all__ = ["FocalLoss", "LDAMLoss", "LogitAdjustedLoss", "class_balanced_weights"]
