"""Real and made data for examples, tests and benchmarks, and a split that keeps groups apart."""

from __future__ import annotations

from .digits import load_digits_imbalanced
from .kdd04 import fetch_kdd04
from .mnist import load_mnist_imbalanced
from .reviews import fetch_reviews
from .split import Split, split_by_group
from .synthetic import make_imbalanced

__all__ = [
    "Split",
    "fetch_kdd04",
    "fetch_reviews",
    "load_digits_imbalanced",
    "load_mnist_imbalanced",
    "make_imbalanced",
    "split_by_group",
]
