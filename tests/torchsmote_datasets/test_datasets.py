"""Facts about made and bundled data."""

import numpy as np
import pytest

from torchsmote.datasets import load_digits_imbalanced, make_imbalanced


@pytest.mark.parametrize("ratio", [1, 2, 10, 50, 58, 174])
def test_digits_meet_the_ratio_exactly_and_repeat_nothing(ratio):
    digits = load_digits_imbalanced(ratio, seed=3)
    counts = np.bincount(digits.target)
    largest = ratio * (174 // ratio)
    assert counts.tolist() == [round(largest * ratio ** (-c / 9)) for c in range(10)]
    assert counts[0] == ratio * counts[9]
    assert digits.data.shape == (counts.sum(), 64)
    whole = load_digits_imbalanced(1)
    assert digits.groups is None
    assert len(np.unique(digits.data, axis=0)) == len(digits.data)  # the bundled digits hold no twins
    assert len(np.unique(whole.data, axis=0)) == len(whole.data)


def test_digits_depend_on_the_seed_alone():
    same, other = load_digits_imbalanced(seed=1), load_digits_imbalanced(seed=2)
    np.testing.assert_array_equal(load_digits_imbalanced(seed=1).data, same.data)
    assert not np.array_equal(same.data, other.data)


@pytest.mark.parametrize("ratio", [0.5, 175, float("nan")])
def test_digits_refuse_an_impossible_ratio(ratio):
    with pytest.raises(ValueError, match=rf"`imbalance_ratio` .*174.* got {ratio}"):
        load_digits_imbalanced(ratio)


@pytest.mark.parametrize(("n", "weights"), [(10, [1, 1, 1]), (1000, [0.985, 0.01, 0.005]), (7, [1])])
def test_made_data_has_exact_counts(n, weights):
    made = make_imbalanced(n, 4, weights=weights, seed=5)
    exact = n * np.array(weights) / sum(weights)
    counts = np.bincount(made.target)
    assert counts.sum() == n
    assert (abs(counts - exact) < 1).all()
    assert made.data.shape == (n, 4)
    np.testing.assert_array_equal(made.data, make_imbalanced(n, 4, weights=weights, seed=5).data)


@pytest.mark.parametrize("weights", [[], [1, 0], [1, -1], [1, float("inf")], [[1, 2]]])
def test_made_data_refuses_bad_weights(weights):
    with pytest.raises(ValueError, match="`weights`"):
        make_imbalanced(10, 2, weights=weights)


def test_made_data_refuses_an_empty_class_or_no_column():
    with pytest.raises(ValueError, match="class 1"):
        make_imbalanced(10, 2, weights=[1, 1e-6])
    with pytest.raises(ValueError, match="`d`"):
        make_imbalanced(10, 0, weights=[1, 1])
