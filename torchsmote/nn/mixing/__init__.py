"""Mixing inside a batch: MixUp and its members for imbalanced classes, with soft labels."""

from .balanced import BalancedMixUp
from .mamix import MAMix
from .mixup import MixUp
from .remix import Remix
from .smote import SMOTEMixUp

__all__ = ["BalancedMixUp", "MAMix", "MixUp", "Remix", "SMOTEMixUp"]
