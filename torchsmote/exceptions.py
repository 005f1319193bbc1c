"""Named warnings, so that a caller can silence or escalate one kind alone, and an error of two kinds."""

from __future__ import annotations

from sklearn.exceptions import DataConversionWarning

__all__ = [
    "DataWarning",
    "SparseDataWarning",
    "FewSamplesWarning",
    "NothingSampledWarning",
    "PerformanceWarning",
    "TorchSMOTEWarning",
    "UnsuitableError",
]


class TorchSMOTEWarning(UserWarning):
    """Base class of every warning that torchsmote raises."""


class FewSamplesWarning(TorchSMOTEWarning):
    """A class has fewer rows than its neighbours need, and the caller allowed a substitute."""


class NothingSampledWarning(TorchSMOTEWarning):
    """A class stays as it is, or changes by less than asked for, for want of rows to start from or remove."""


class PerformanceWarning(TorchSMOTEWarning):
    """A faster or smaller path was not usable; or an approximate one finds less than it should."""


class DataWarning(TorchSMOTEWarning):
    """The data are legal but something about them changes the result, such as integer features."""


class UnsuitableError(ValueError, RuntimeError):
    """An estimator or the data do not suit the method; a RuntimeError too, as in imbalanced-learn."""


class SparseDataWarning(DataWarning, DataConversionWarning):
    """A sparse table gains nothing from being sparse; scikit-learn's warning of that kind, too."""
