"""Nearest neighbours: one entry, several backends, the same answer from each of the exact ones."""

from __future__ import annotations

from torchsmote.neighbors.engine import available_backends
from torchsmote.neighbors.estimator import KNeighbors
from torchsmote.neighbors.search import Neighbors, knn, neighbors_among

__all__ = ["KNeighbors", "Neighbors", "available_backends", "knn", "neighbors_among"]
