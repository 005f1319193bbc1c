"""The training-loop door: synthetic rows drawn when they are read."""

from .dataset import SMOTEDataset
from .encoding import BatchedFeatures
from .loader import TensorLoader
from .plan import Provenance
from .samplers import SMOTESampler

__all__ = ["BatchedFeatures", "Provenance", "SMOTEDataset", "SMOTESampler", "TensorLoader"]
