"""Classifiers whose probabilities are shifted back to the true share of the rarer class."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, clone

from torchsmote import PriorCorrection
from torchsmote.evaluate import TorchModel
from torchsmote.evaluate.comparison.models import Assignment

__all__ = ["Corrected", "Network"]


class Network(ClassifierMixin, BaseEstimator):
    """A TorchModel as a scikit-learn classifier; it is trained anew at every prediction.

    Args:
        model: Network and budget.
        random_state: Seed; None: 0.
    """

    def __init__(self, model: TorchModel, random_state: int | None = None) -> None:
        self.model = model
        self.random_state = random_state

    def fit(self, X: NDArray[Any], y: NDArray[np.int64]) -> Network:
        """Keep the rows."""
        self.rows_ = X
        self.classes_, self.y_ = np.unique(y, return_inverse=True)
        return self

    def predict_proba(self, X: NDArray[Any]) -> NDArray[np.float64]:
        """Train and predict."""
        seed = self.random_state or 0
        y = self.y_.astype(np.int64)
        return self.model.probabilities(Assignment(self.rows_, y, X, len(self.classes_), seed))


class Corrected(ClassifierMixin, BaseEstimator):
    """A binary classifier with PriorCorrection from the share in the rows it is fitted on.

    Args:
        estimator: Whose probabilities are corrected.
        share: True share of the second class.
    """

    def __init__(self, estimator: Any, share: float) -> None:
        self.estimator = estimator
        self.share = share

    def fit(self, X: NDArray[Any], y: NDArray[Any]) -> Corrected:
        """Fit a clone of the estimator, and look at the share of the second class."""
        self.estimator_ = clone(self.estimator).fit(X, y)
        self.classes_ = self.estimator_.classes_
        self.correction_ = PriorCorrection(float(np.mean(y == self.classes_[1])), self.share)
        return self

    def predict_proba(self, X: NDArray[Any]) -> NDArray[np.float64]:
        """The corrected probabilities."""
        corrected: NDArray[np.float64] = self.correction_.transform(self.estimator_.predict_proba(X))
        return corrected
