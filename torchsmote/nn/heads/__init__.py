"""Retraining the head of a trained network, so that rare classes get their share."""

from .phases import DecoupledReport, train_decoupled
from .report import HeadReport, HeadScores
from .retraining import retrain_head
from .tau import tau_normalize

__all__ = ["DecoupledReport", "HeadReport", "HeadScores", "retrain_head", "tau_normalize", "train_decoupled"]
