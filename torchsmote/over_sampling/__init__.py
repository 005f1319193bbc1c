"""Over-samplers: they add rows to the rare classes."""

from .adasyn import ADASYN
from .borderline import BorderlineSMOTE
from .random import RandomOverSampler
from .smote import SMOTE

__all__ = ["ADASYN", "SMOTE", "BorderlineSMOTE", "RandomOverSampler"]
