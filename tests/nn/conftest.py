"""Fixtures of the embedding door."""

import pytest

from torchsmote import (
    ADASYN,
    EOS,
    SMOTE,
    BorderlineSMOTE,
    GaussianSMOTE,
    GeometricSMOTE,
    PolynomFitSMOTE,
    RandomOverSampler,
    SafeLevelSMOTE,
)

METHODS = [
    SMOTE(),
    RandomOverSampler(),
    BorderlineSMOTE(),
    BorderlineSMOTE(kind="borderline-2"),
    ADASYN(),
    EOS(),
    SafeLevelSMOTE(),
    PolynomFitSMOTE(topology="mesh"),
    GaussianSMOTE(k_neighbors=4),
    *(GeometricSMOTE(selection_strategy=name) for name in ("minority", "majority", "combined")),
]


@pytest.fixture(params=METHODS, ids=repr, scope="session")
def method(request):
    """Every over-sampler that can run in a batch."""
    return request.param
