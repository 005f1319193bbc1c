"""Labels to positions, and sampling_strategy to counts."""

import numpy as np
import pandas as pd
import pytest
import torch

from torchsmote.strategy import rows_to_make
from torchsmote.targets import encode


@pytest.mark.parametrize(
    "y",
    [
        np.array([3, -1, 3, 3, 7]),
        np.array([3, -1, 3, 3, 7], dtype=np.int8),
        np.array([2**62, -(2**62), 0, 0, 0]),
        np.array([True, False, True, True, True]),
        np.array([1.0, 0.0, 1.0, 1.0, 2.0]),
        np.array(["b", "a", "b", "b", "c"]),
        np.array(["b", "a", "b", "b", "c"], dtype=object),
        [1, 0, 1, 1, 2],
        pd.Series(["b", "a", "b", "b", "c"], dtype="category"),
        pd.Series([1, 0, 1, 1, 2], dtype="Int64"),
        torch.tensor([5, 2, 5, 5, 9]),
        torch.tensor([1.0, 0.0, 1.0, 1.0, 1.0], dtype=torch.bfloat16).float(),
        np.array([[1], [0], [1], [1], [2]]),
    ],
    ids=lambda y: str(getattr(y, "dtype", type(y).__name__)),
)
def test_encoding_is_numpys_unique(y):
    targets = encode(y)
    classes, codes = np.unique(np.asarray(y).ravel(), return_inverse=True)
    assert targets.classes.tolist() == classes.tolist()
    np.testing.assert_array_equal(targets.codes, codes)
    assert targets.counts == tuple(np.bincount(codes))
    for position in range(len(classes)):
        np.testing.assert_array_equal(targets.rows_of(position), np.flatnonzero(codes == position))


def test_one_hot_rows_are_their_column():
    targets = encode(np.eye(3, dtype=int)[[0, 2, 1, 0]])
    assert targets.codes.tolist() == [0, 2, 1, 0]


def counted(counts):
    return encode(np.repeat(np.arange(len(counts)), counts))


def test_every_name():
    targets = counted([10, 4, 7])
    assert rows_to_make("auto", targets) == {1: 6, 2: 3}
    assert rows_to_make("not majority", targets) == {1: 6, 2: 3}
    assert rows_to_make("minority", targets) == {1: 6}
    assert rows_to_make("not minority", targets) == {0: 0, 2: 3}
    assert rows_to_make("all", targets) == {0: 0, 1: 6, 2: 3}


def test_ties_take_the_first_class():
    assert rows_to_make("auto", counted([5, 5, 2])) == {1: 0, 2: 3}
    assert rows_to_make("minority", counted([5, 2, 2])) == {1: 3}


def test_mappings_count_the_final_rows():
    targets = counted([10, 4])
    assert rows_to_make({1: np.int64(9)}, targets) == {1: 5}
    assert rows_to_make(lambda labels: {1: (labels == 0).sum()}, targets) == {1: 6}
    with pytest.raises(ValueError, match="5"):
        rows_to_make({5: 20}, targets)
    with pytest.raises(TypeError, match=r"True"):
        rows_to_make({1: True}, targets)
    with pytest.raises(TypeError, match="list"):
        rows_to_make(lambda labels: [1], targets)


@pytest.mark.parametrize(("ratio", "n_new"), [(0.29, 25), (0.5, 46), (1.0, 96), (0.045, None), (0.04, None)])
def test_ratios_are_floored_without_binary_truncation(ratio, n_new):
    targets = counted([100, 4])
    if n_new is None:
        with pytest.raises(ValueError, match=f"{ratio}.*above 0.04"):
            rows_to_make(ratio, targets)
    else:
        assert rows_to_make(ratio, targets) == {1: n_new}


@pytest.mark.parametrize("ratio", [0.0, -0.5, 1.5, float("nan")])
def test_ratios_outside_their_range(ratio):
    with pytest.raises(ValueError, match="sampling_strategy"):
        rows_to_make(ratio, counted([5, 2]))


def test_a_ratio_needs_two_classes():
    with pytest.raises(ValueError, match="3 classes"):
        rows_to_make(0.5, counted([5, 2, 2]))


@pytest.mark.parametrize(
    "y",
    [
        np.array(["a", "b", 1], dtype=object),
        np.array([b"a", b"b"]),
        np.array([1j, 2j]),
        torch.ones(2, device="meta"),
        torch.ones(2).to_sparse(),
    ],
    ids=["text and numbers", "bytes", "complex", "meta", "sparse"],
)
def test_labels_of_no_one_kind_are_refused_by_name_in_one_line(y):
    with pytest.raises((TypeError, ValueError), match="`y` must ") as caught:
        encode(y)
    assert "\n" not in str(caught.value)
