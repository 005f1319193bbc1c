"""SMOTE and its family on torch tensors: for tables, for training loops and for embeddings."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from . import distributed
from .combine import SMOTEENN, SMOTEIPF, SMOTETomek
from .data import (
    BalancedBatchSampler,
    BatchedFeatures,
    DistributedSMOTESampler,
    IncrementalNeighbors,
    Provenance,
    RefreshNeighbors,
    SMOTEDataset,
    SMOTESampler,
    TensorLoader,
    WeightedSampler,
)
from .datasets import (
    fetch_kdd04,
    fetch_reviews,
    load_digits_imbalanced,
    load_mnist_imbalanced,
    make_imbalanced,
)
from .draws import Draws, synthesize
from .exceptions import (
    DataWarning,
    FewSamplesWarning,
    NothingSampledWarning,
    PerformanceWarning,
    TorchSMOTEWarning,
)
from .neighbors import KNeighbors, Neighbors, knn
from .nn import (
    BalancedMixUp,
    DecoupledReport,
    DeepSMOTE,
    EmbeddingSMOTE,
    FeatureBank,
    FocalLoss,
    HeadReport,
    HeadScores,
    LatentSMOTE,
    LDAMLoss,
    LogitAdjustedLoss,
    MAMix,
    MixUp,
    Remix,
    SMOTEMixUp,
    class_balanced_weights,
    retrain_head,
    tau_normalize,
    train_decoupled,
)
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
from .streamed import ArrowRows
from .under_sampling import (
    AllKNN,
    ClusterCentroids,
    CondensedNearestNeighbour,
    EditedNearestNeighbours,
    InstanceHardnessThreshold,
    NearMiss,
    NeighbourhoodCleaningRule,
    OneSidedSelection,
    RandomUnderSampler,
    RepeatedEditedNearestNeighbours,
    TomekLinks,
)

if TYPE_CHECKING:
    from . import evaluate as evaluate
    from .evaluate import PriorCorrection as PriorCorrection
    from .evaluate import compare as compare
    from .evaluate import diagnose as diagnose
    from .evaluate import threshold_for as threshold_for
    from .lightning import SMOTEDataModule as SMOTEDataModule

__all__ = [
    "ADASYN",
    "AllKNN",
    "ArrowRows",
    "BalancedBatchSampler",
    "BalancedMixUp",
    "BatchedFeatures",
    "BorderlineSMOTE",
    "ClusterCentroids",
    "CondensedNearestNeighbour",
    "DataWarning",
    "DecoupledReport",
    "DeepSMOTE",
    "DistributedSMOTESampler",
    "Draws",
    "EOS",
    "EditedNearestNeighbours",
    "EmbeddingSMOTE",
    "FeatureBank",
    "FewSamplesWarning",
    "FocalLoss",
    "GaussianSMOTE",
    "GeometricSMOTE",
    "HeadReport",
    "HeadScores",
    "IncrementalNeighbors",
    "InstanceHardnessThreshold",
    "KMeansSMOTE",
    "KNeighbors",
    "LDAMLoss",
    "LatentSMOTE",
    "LeeSMOTE",
    "LogitAdjustedLoss",
    "MAMix",
    "MLSMOTE",
    "MixUp",
    "NearMiss",
    "Neighbors",
    "NeighbourhoodCleaningRule",
    "NothingSampledWarning",
    "OneSidedSelection",
    "PerformanceWarning",
    "PolynomFitSMOTE",
    "PriorCorrection",
    "ProWSyn",
    "Provenance",
    "RandomOverSampler",
    "RandomUnderSampler",
    "Recipe",
    "RefreshNeighbors",
    "Remix",
    "RepeatedEditedNearestNeighbours",
    "SMOGN",
    "SMOTE",
    "SMOTEDataset",
    "SMOTEENN",
    "SMOTEIPF",
    "SMOTEMixUp",
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
    "WeightedSampler",
    "class_balanced_weights",
    "compare",
    "diagnose",
    "distributed",
    "fetch_kdd04",
    "fetch_reviews",
    "knn",
    "load_digits_imbalanced",
    "load_mnist_imbalanced",
    "make_imbalanced",
    "retrain_head",
    "synthesize",
    "tau_normalize",
    "threshold_for",
    "train_decoupled",
]

_LATER = {
    "SMOTEDataModule": ".lightning",
    **dict.fromkeys(("PriorCorrection", "compare", "diagnose", "threshold_for"), ".evaluate"),
}

if not TYPE_CHECKING:  # to a type checker, every name would be found

    def __getattr__(name: str) -> Any:
        """Names that are imported when they are asked for: not all need them, or have what they need."""
        if name in _LATER:
            return getattr(import_module(_LATER[name], __name__), name)
        if name == "evaluate":
            return import_module(".evaluate", __name__)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
