"""The embedding door: over-sampling inside a network, in the space where it helps most."""

from . import functional
from .bank import FeatureBank
from .embedding import EmbeddingSMOTE
from .losses import FocalLoss, LDAMLoss, LogitAdjustedLoss, class_balanced_weights
from .mixing import BalancedMixUp, MAMix, MixUp, Remix, SMOTEMixUp

__all__ = [
    "BalancedMixUp",
    "EmbeddingSMOTE",
    "FeatureBank",
    "FocalLoss",
    "LDAMLoss",
    "LogitAdjustedLoss",
    "MAMix",
    "MixUp",
    "Remix",
    "SMOTEMixUp",
    "class_balanced_weights",
    "functional",
]
