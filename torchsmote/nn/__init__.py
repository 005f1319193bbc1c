"""The embedding door: over-sampling inside a network, in the space where it helps most."""

from . import functional
from .bank import FeatureBank
from .embedding import EmbeddingSMOTE
from .heads import DecoupledReport, HeadReport, HeadScores, retrain_head, tau_normalize, train_decoupled
from .latent import DeepSMOTE, LatentSMOTE
from .losses import FocalLoss, LDAMLoss, LogitAdjustedLoss, class_balanced_weights
from .mixing import BalancedMixUp, MAMix, MixUp, Remix, SMOTEMixUp

__all__ = [
    "BalancedMixUp",
    "DecoupledReport",
    "DeepSMOTE",
    "EmbeddingSMOTE",
    "FeatureBank",
    "FocalLoss",
    "HeadReport",
    "HeadScores",
    "LDAMLoss",
    "LatentSMOTE",
    "LogitAdjustedLoss",
    "MAMix",
    "MixUp",
    "Remix",
    "SMOTEMixUp",
    "class_balanced_weights",
    "functional",
    "retrain_head",
    "tau_normalize",
    "train_decoupled",
]
