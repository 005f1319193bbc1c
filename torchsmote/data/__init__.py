"""The training-loop door: synthetic rows drawn when they are read."""

from .balanced import BalancedBatchSampler
from .dataset import SMOTEDataset
from .encoding import BatchedFeatures
from .incremental import IncrementalNeighbors
from .loader import TensorLoader
from .plan import Provenance
from .refresh_neighbors import RefreshNeighbors
from .resumable_loader import ResumableLoader
from .samplers import DistributedSMOTESampler, SMOTESampler
from .weighted import WeightedSampler

__all__ = [
    "BalancedBatchSampler",
    "BatchedFeatures",
    "DistributedSMOTESampler",
    "IncrementalNeighbors",
    "Provenance",
    "RefreshNeighbors",
    "ResumableLoader",
    "SMOTEDataset",
    "SMOTESampler",
    "TensorLoader",
    "WeightedSampler",
]
