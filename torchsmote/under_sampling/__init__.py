"""Under-samplers: they take rows away from the common classes."""

from .cleaning_rule import NeighbourhoodCleaningRule
from .cluster_centroids import ClusterCentroids
from .condensed import CondensedNearestNeighbour
from .edited import EditedNearestNeighbours
from .hardness import InstanceHardnessThreshold
from .near_miss import NearMiss
from .one_sided import OneSidedSelection
from .random import RandomUnderSampler
from .repeated import AllKNN, RepeatedEditedNearestNeighbours
from .tomek import TomekLinks

__all__ = [
    "AllKNN",
    "ClusterCentroids",
    "CondensedNearestNeighbour",
    "EditedNearestNeighbours",
    "InstanceHardnessThreshold",
    "NearMiss",
    "NeighbourhoodCleaningRule",
    "OneSidedSelection",
    "RandomUnderSampler",
    "RepeatedEditedNearestNeighbours",
    "TomekLinks",
]
