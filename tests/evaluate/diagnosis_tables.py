"""Tables that have one fault each, and one that has none."""

from __future__ import annotations

import numpy as np
import pandas as pd


def clouds(counts=(360, 40), d=4, apart=5.0, seed=0):
    """Gaussian clouds of unit variance, each class ``apart`` from the first one along an axis."""
    rng = np.random.default_rng(seed)
    y = np.repeat(np.arange(len(counts)), counts)
    X = rng.standard_normal((len(y), d))
    for position in range(1, len(counts)):
        X[y == position, (position - 1) % d] += apart
    order = rng.permutation(len(y))
    return X[order], y[order]


def clean():
    return *clouds(), None


def _few_samples():
    return *clouds((300, 100, 5)), None


def _noise():
    X, y = clouds()
    return X, np.random.default_rng(1).permutation(y), None


def _scattered():
    X, y = clouds(apart=8.0)
    X[np.flatnonzero(y == 1)[::2]] += np.array([0, 0, 0, 30.0])
    return X, y, None


def _duplicates():
    X, y = clouds()
    return np.concatenate([X, X[:40]]), np.concatenate([y, y[:40]]), None


def _near_duplicates():
    X, y = clouds()
    rare = np.flatnonzero(y == 1)
    X[rare] = X[rare[0]] + 1e-3 * np.random.default_rng(2).standard_normal((len(rare), 4))
    return X, y, None


def _overlap():
    return *clouds(apart=0.5), None


def _unscaled():
    X, y = clouds()
    return X * np.array([1, 1, 1, 500.0]), y, None


def _constant():
    X, y = clouds()
    return np.column_stack([X, np.full(len(X), 7.5)]), y, None


def _categorical():
    X, y = clouds()
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(X, columns=list("abcd"))
    return frame.assign(town=rng.choice(["Rome", "Oslo"], len(X)), code=rng.integers(0, 4, len(X))), y, None


def _missing():
    X, y = clouds()
    X[::10, 2] = np.nan
    X[5, 1] = np.inf
    return X, y, None


def _high_dimension():
    return *clouds(d=300, apart=30.0), None


def _hubness():
    return *clouds((900, 100), d=60, apart=30.0), None


def _leakage():
    X, y = clouds()
    X[350:360] = X[:10]
    return X, y, (np.arange(300), np.arange(300, 400))


def _imbalance():
    return *clouds((3960, 20)), None


FAULTS = {
    "imbalance": _imbalance,
    "few_samples": _few_samples,
    "noise": _noise,
    "scattered": _scattered,
    "duplicates": _duplicates,
    "overlap": _overlap,
    "unscaled": _unscaled,
    "constant": _constant,
    "categorical": _categorical,
    "missing": _missing,
    "high_dimension": _high_dimension,
    "hubness": _hubness,
    "leakage": _leakage,
}
MORE = {"near-duplicates": _near_duplicates, "clean": clean}
