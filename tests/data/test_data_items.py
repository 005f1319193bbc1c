"""Items as trees, and the mixing of two items leaf by leaf."""

from __future__ import annotations

from collections import OrderedDict, UserDict

import numpy as np
import pytest
import torch
from loop_data import Point

from torchsmote.data.items import append, leaves, mix_items, replace_leaf, target_position

HALF = torch.tensor([0.5])
A, B = torch.tensor([0.0, 2.0]), torch.tensor([1.0, 4.0])
MID = torch.tensor([0.5, 3.0])


@pytest.mark.parametrize(
    ("item", "position"),
    [
        ((A, 1), 1),
        ([A, 1.0], 1),
        (Point(A, 1), 1),
        (((A, B), 1), 2),
        ((A, (1, 2)), 1),
        ({"x": A, "y": 1}, 1),
        ({"label": 1, "x": A}, 0),
        ({"x": A, "extra": 2, "labels": 1}, 2),
        ({"image": A, "digit": 1}, 1),
        ((A, np.int64(1)), 1),
        ((A, "cat"), 1),
        ((A, B), None),  # several values are data, not a label
        ((A,), None),
        (A, None),
        ((A, []), None),
    ],
)
def test_the_label_is_found(item, position):
    assert target_position(item) == position


@pytest.mark.parametrize("kind", [tuple, list])
def test_sequences_keep_their_type(kind):
    mixed = mix_items(kind([A, 1]), [kind([B, 0])], HALF, 1)
    assert type(mixed) is kind
    assert torch.equal(mixed[0], MID)
    assert mixed[1] == 1


@pytest.mark.parametrize("kind", [dict, OrderedDict, UserDict])
def test_mappings_keep_their_type(kind):
    mixed = mix_items(kind(x=A, y=1), [kind(x=B, y=0)], HALF, 1)
    assert type(mixed) is kind
    assert torch.equal(mixed["x"], MID)
    assert mixed["y"] == 1


def test_namedtuples_and_nesting():
    base, other = Point({"a": A, "b": [A * 2, 5]}, 1), Point({"a": B, "b": [B * 2, 6]}, 0)
    mixed = mix_items(base, [other], HALF, target_position(base))
    assert type(mixed) is Point
    assert torch.equal(mixed.x["a"], MID)
    assert torch.equal(mixed.x["b"][0], MID * 2)
    assert mixed.x["b"][1] == 5
    assert mixed.y == 1


@pytest.mark.parametrize(
    ("base", "other", "want"),
    [
        (np.array([0.0, 2.0]), np.array([1.0, 4.0]), np.array([0.5, 3.0])),
        (np.float32(1.0), np.float32(2.0), np.float32(1.5)),
        (1.0, 2.0, 1.5),
        (np.array([0, 2]), np.array([1, 4]), np.array([0, 2])),
        (3, 4, 3),
        ("a", "b", "a"),
        (True, False, True),
        (None, None, None),
    ],
)
def test_leaves_keep_their_type_and_only_floating_ones_mix(base, other, want):
    mixed = mix_items((A, 0, base), [(B, 0, other)], HALF, 1)[2]
    assert type(mixed) is type(want)
    np.testing.assert_array_equal(mixed, want)
    assert getattr(mixed, "dtype", None) == getattr(want, "dtype", None)


def test_read_only_and_reversed_arrays_mix_without_being_changed():
    base = np.arange(4.0)[::-1]
    base.flags.writeable = False
    mixed = mix_items((base, 0), [(np.zeros(4), 0)], HALF, 1)[0]
    np.testing.assert_array_equal(mixed, [1.5, 1.0, 0.5, 0.0])
    np.testing.assert_array_equal(base, [3, 2, 1, 0])


@pytest.mark.parametrize("label", [1.0, np.float32(1), torch.tensor(1.0), torch.tensor([1.0])])
def test_a_floating_label_is_never_mixed(label):
    base, other = (A, label), (B, type(label)(0) if not isinstance(label, torch.Tensor) else label * 0)
    assert mix_items(base, [other], HALF, target_position(base))[1] is label


def test_several_neighbors():
    steps = torch.tensor([0.5, 0.25])
    mixed = mix_items((A, 0), [(B, 0), (A + 4, 0)], steps, 1)[0]
    torch.testing.assert_close(mixed, A + 0.5 * (B - A) + 0.25 * 4)


@pytest.mark.parametrize(
    ("other", "fact"),
    [
        ((torch.zeros(3), 0), r"\(2,\).*\(3,\)"),
        ((B.double(), 0), "float32.*float64"),
        ((B, 0, 1), r"\[2, 3\]"),
        ((B,), r"\[1, 2\]"),
    ],
)
def test_ragged_items_are_refused(other, fact):
    with pytest.raises(ValueError, match=f"ragged.*{fact}"):
        mix_items((A, 0), [other], HALF, 1)


def test_append_and_replace():
    assert append({"x": 1}, "p", 2) == {"x": 1, "p": 2}
    assert append([1], "p", 2) == [1, 2]
    assert append(Point(1, 2), "p", 3) == (1, 2, 3)
    assert append("leaf", "p", 3) == ("leaf", 3)
    with pytest.raises(ValueError, match="'p'"):
        append({"p": 1}, "p", 2)
    item = Point([1, {"a": 2}], 3)
    assert replace_leaf(item, 1, "new") == Point([1, {"a": "new"}], 3)
    assert leaves(item) == [1, 2, 3]
