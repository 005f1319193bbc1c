"""Invariants of every over-sampler, over tables that hypothesis makes up."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from torchsmote import SMOTE, BorderlineSMOTE, RandomOverSampler

VALUES = st.floats(-1e3, 1e3, width=32)


@st.composite
def tables(draw):
    counts = draw(st.lists(st.integers(4, 12), min_size=2, max_size=4))
    y = np.repeat(np.arange(len(counts)), counts)
    y = y[np.random.RandomState(draw(st.integers(0, 99))).permutation(len(y))]
    d = draw(st.integers(1, 5))
    return draw(arrays(np.float32, (len(y), d), elements=VALUES)), y


@pytest.mark.parametrize(
    "sampler",
    [
        RandomOverSampler(),
        SMOTE(k_neighbors=3),
        BorderlineSMOTE(k_neighbors=3, m_neighbors=3),
        BorderlineSMOTE(k_neighbors=3, m_neighbors=3, kind="borderline-2"),
    ],
    ids=["random", "smote", "borderline-1", "borderline-2"],
)
@pytest.mark.filterwarnings("ignore::torchsmote.NothingSampledWarning")
@settings(max_examples=25)
@given(table=tables(), seed=st.integers(0, 2**32 - 1))
def test_invariants(sampler, table, seed):
    X, y = table
    given_X, given_y = X.copy(), y.copy()
    rows, labels = sampler.set_params(random_state=seed).fit_resample(X, y)
    n = len(X)
    np.testing.assert_array_equal(X, given_X)
    np.testing.assert_array_equal(y, given_y)
    np.testing.assert_array_equal(rows[:n], X)
    np.testing.assert_array_equal(labels[:n], y)
    # Synthetic rows are grouped by class in sorted order, and each class has what was asked for, or nothing.
    made = labels[n:]
    assert (np.diff(made) >= 0).all()
    for label, wanted in sampler.sampling_strategy_.items():
        count = (made == label).sum()
        assert count == wanted or (isinstance(sampler, BorderlineSMOTE) and count == 0)
    # Each lies on the segment from base to neighbour, column by column.
    draws = sampler.draws_
    low = np.minimum(X[draws.base], X[draws.neighbor])
    high = np.maximum(X[draws.base], X[draws.neighbor])
    assert (rows[n:] >= low).all()
    assert (rows[n:] <= high).all()
    assert ((draws.step >= 0) & (draws.step <= 1)).all()
    assert (y[draws.base] == made).all()
