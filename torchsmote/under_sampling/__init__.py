"""Under-samplers: they take rows away from the common classes."""

from .edited import EditedNearestNeighbours
from .repeated import AllKNN, RepeatedEditedNearestNeighbours
from .tomek import TomekLinks

__all__ = ["AllKNN", "EditedNearestNeighbours", "RepeatedEditedNearestNeighbours", "TomekLinks"]
