"""Over-samplers: they add rows to the rare classes."""

from .adasyn import ADASYN
from .borderline import BorderlineSMOTE
from .prowsyn import ProWSyn
from .random import RandomOverSampler
from .smote import SMOTE

__all__ = ["ProWSyn", "ADASYN", "SMOTE", "BorderlineSMOTE", "RandomOverSampler"]
