"""Under-samplers: they take rows away from the common classes."""

from .cleaning_rule import NeighbourhoodCleaningRule
from .edited import EditedNearestNeighbours
from .hardness import InstanceHardnessThreshold
from .near_miss import NearMiss
from .random import RandomUnderSampler
from .repeated import AllKNN, RepeatedEditedNearestNeighbours
from .tomek import TomekLinks

__all__ = [
    "AllKNN",
    "EditedNearestNeighbours",
    "InstanceHardnessThreshold",
    "NearMiss",
    "NeighbourhoodCleaningRule",
    "RandomUnderSampler",
    "RepeatedEditedNearestNeighbours",
    "TomekLinks",
]
