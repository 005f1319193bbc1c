"""SMOTE and its family on torch tensors: for tables, for training loops and for embeddings."""

from .exceptions import (
    DataWarning,
    FewSamplesWarning,
    NothingSampledWarning,
    PerformanceWarning,
    TorchSMOTEWarning,
)
from .neighbors import KNeighbors, Neighbors, knn
from .over_sampling import ADASYN, SMOTE, BorderlineSMOTE, RandomOverSampler
from .recipe import Draws, Recipe, synthesize

__all__ = [
    "ADASYN",
    "BorderlineSMOTE",
    "DataWarning",
    "Draws",
    "FewSamplesWarning",
    "KNeighbors",
    "Neighbors",
    "NothingSampledWarning",
    "PerformanceWarning",
    "RandomOverSampler",
    "Recipe",
    "SMOTE",
    "TorchSMOTEWarning",
    "knn",
    "synthesize",
]
