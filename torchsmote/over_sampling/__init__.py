"""Over-samplers: they add rows to the rare classes."""

from .adasyn import ADASYN
from .borderline import BorderlineSMOTE
from .eos import EOS
from .gaussian import GaussianSMOTE
from .geometric import GeometricSMOTE
from .kmeans import KMeansSMOTE
from .lee import LeeSMOTE
from .polynom_fit import PolynomFitSMOTE
from .prowsyn import ProWSyn
from .random import RandomOverSampler
from .safe_level import SafeLevelSMOTE
from .smote import SMOTE
from .smoten import SMOTEN
from .smotenc import SMOTENC
from .svm import SVMSMOTE

__all__ = [
    "PolynomFitSMOTE",
    "ADASYN",
    "EOS",
    "SMOTE",
    "SMOTEN",
    "SMOTENC",
    "SVMSMOTE",
    "BorderlineSMOTE",
    "GaussianSMOTE",
    "GeometricSMOTE",
    "KMeansSMOTE",
    "LeeSMOTE",
    "ProWSyn",
    "RandomOverSampler",
    "SafeLevelSMOTE",
]
