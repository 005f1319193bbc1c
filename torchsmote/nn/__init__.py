"""The embedding door: over-sampling inside a network, in the space where it helps most."""

from . import functional
from .bank import FeatureBank
from .embedding import EmbeddingSMOTE

__all__ = ["EmbeddingSMOTE", "FeatureBank", "functional"]
