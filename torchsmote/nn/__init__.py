"""The embedding door: over-sampling inside a network, in the space where it helps most."""

from . import functional
from .bank import FeatureBank
from .embedding import EmbeddingSMOTE
from .latent import DeepSMOTE, LatentSMOTE
from .losses import FocalLoss, LDAMLoss, LogitAdjustedLoss, class_balanced_weights
from .mixing import BalancedMixUp, MAMix, MixUp, Remix, SMOTEMixUp

__all__ = [
    "BalancedMixUp",
    "DeepSMOTE",
    "EmbeddingSMOTE",
    "FeatureBank",
    "FocalLoss",
    "LDAMLoss",
    "LatentSMOTE",
    "LogitAdjustedLoss",
    "MAMix",
    "MixUp",
    "Remix",
    "SMOTEMixUp",
    "class_balanced_weights",
    "functional",
]
