"""SMOTE and its family on torch tensors: for tables, for training loops and for embeddings."""

from .combine import SMOTEENN, SMOTEIPF, SMOTETomek
from .data import Provenance, SMOTEDataset, SMOTESampler, TensorLoader
from .datasets import fetch_kdd04, load_digits_imbalanced, make_imbalanced
from .draws import Draws, synthesize
from .exceptions import (
    DataWarning,
    FewSamplesWarning,
    NothingSampledWarning,
    PerformanceWarning,
    TorchSMOTEWarning,
)
from .neighbors import KNeighbors, Neighbors, knn
from .nn import EmbeddingSMOTE, FeatureBank
from .other_targets import MLSMOTE, SMOGN, SMOTER
from .over_sampling import (
    ADASYN,
    EOS,
    SMOTE,
    SMOTEN,
    SMOTENC,
    SVMSMOTE,
    BorderlineSMOTE,
    GaussianSMOTE,
    GeometricSMOTE,
    KMeansSMOTE,
    LeeSMOTE,
    PolynomFitSMOTE,
    ProWSyn,
    RandomOverSampler,
    SafeLevelSMOTE,
)
from .recipe import Recipe
from .under_sampling import (
    AllKNN,
    EditedNearestNeighbours,
    InstanceHardnessThreshold,
    NearMiss,
    NeighbourhoodCleaningRule,
    RandomUnderSampler,
    RepeatedEditedNearestNeighbours,
    TomekLinks,
)

__all__ = [
    "ADASYN",
    "AllKNN",
    "BorderlineSMOTE",
    "DataWarning",
    "Draws",
    "EOS",
    "EditedNearestNeighbours",
    "EmbeddingSMOTE",
    "FeatureBank",
    "FewSamplesWarning",
    "GaussianSMOTE",
    "GeometricSMOTE",
    "InstanceHardnessThreshold",
    "KMeansSMOTE",
    "KNeighbors",
    "LeeSMOTE",
    "MLSMOTE",
    "NearMiss",
    "Neighbors",
    "NeighbourhoodCleaningRule",
    "NothingSampledWarning",
    "PerformanceWarning",
    "PolynomFitSMOTE",
    "ProWSyn",
    "Provenance",
    "RandomOverSampler",
    "RandomUnderSampler",
    "Recipe",
    "RepeatedEditedNearestNeighbours",
    "SMOGN",
    "SMOTE",
    "SMOTEDataset",
    "SMOTEENN",
    "SMOTEIPF",
    "SMOTEN",
    "SMOTENC",
    "SMOTER",
    "SMOTESampler",
    "SMOTETomek",
    "SVMSMOTE",
    "SafeLevelSMOTE",
    "TensorLoader",
    "TomekLinks",
    "TorchSMOTEWarning",
    "fetch_kdd04",
    "knn",
    "load_digits_imbalanced",
    "make_imbalanced",
    "synthesize",
]
