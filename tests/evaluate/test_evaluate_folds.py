"""The task and its folds: what is refused, and that each row is tested once by those that never saw it."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
import torch
from comparison_fakes import table
from hypothesis import given
from hypothesis import strategies as st

from torchsmote.evaluate.comparison.folds import make_folds, split_at
from torchsmote.evaluate.comparison.task import read_task


def folds_of(X, y, groups=None, *, n_splits=3, n_repeats=2, seed=0):
    task = read_task(X, y, groups)
    return task, make_folds(task, n_splits=n_splits, n_repeats=n_repeats, seed=seed)


@given(st.integers(0, 2**64 - 1), st.integers(2, 5), st.integers(1, 3), st.booleans())
def test_each_repeat_tests_each_row_once_and_no_group_is_split(seed, n_splits, n_repeats, grouped):
    X, y = table()
    groups = np.arange(60) // 2 if grouped else None
    _, folds = folds_of(X, y, groups, n_splits=n_splits, n_repeats=n_repeats, seed=seed)
    assert [(fold.repeat, fold.fold) for fold in folds] == list(np.ndindex(n_repeats, n_splits))
    for repeat in range(n_repeats):
        tested = np.concatenate([fold.test for fold in folds if fold.repeat == repeat])
        assert sorted(tested) == list(range(60))
    for fold in folds:
        assert sorted([*fold.train, *fold.test]) == list(range(60))
        assert set(y[fold.test]) == set(y[fold.train]) == {0, 1}
        if groups is not None:
            assert not set(groups[fold.train]) & set(groups[fold.test])


def test_folds_are_of_their_seed_and_repeats_differ():
    X, y = table()
    _, folds = folds_of(X, y)
    _, again = folds_of(X, y)
    _, other = folds_of(X, y, seed=1)
    tests = [fold.test.tolist() for fold in folds]
    assert tests == [fold.test.tolist() for fold in again]
    assert [fold.seed for fold in folds] == [fold.seed for fold in again]
    assert len({str(one) for one in [*tests, *(fold.test.tolist() for fold in other)]}) == 12
    assert len({fold.seed for fold in [*folds, *other]}) == 12


def test_more_repeats_keep_those_there_were():
    X, y = table()
    _, few = folds_of(X, y, n_repeats=1)
    _, many = folds_of(X, y, n_repeats=3)
    for one, same in zip(few, many, strict=False):
        assert one.test.tolist() == same.test.tolist()
        assert one.seed == same.seed


def test_a_split_has_the_rows_of_its_fold_alone():
    X, y = table()
    task, folds = folds_of(X, y, [f"g{row // 2}" for row in range(60)])
    split = split_at(task, folds[4])
    np.testing.assert_array_equal(split.train.numbers, X[folds[4].train])
    np.testing.assert_array_equal(split.test.numbers, X[folds[4].test])
    np.testing.assert_array_equal(split.y, y[folds[4].train])
    assert len(np.unique(split.groups)) == len(np.unique(folds[4].train // 2))
    assert (split.n_classes, split.rarer, split.seed) == (2, 1, folds[4].seed)


@pytest.mark.parametrize(
    ("labels", "rarer"), [([0, 0, 1], 1), ([0, 1, 1], 0), ([0, 0, 1, 1], 1), ([0, 1, 2], None)]
)
def test_the_rarer_class_is_the_positive_one(labels, rarer):
    assert read_task(np.zeros((len(labels), 1)), labels).rarer == rarer


@pytest.mark.parametrize("kind", ["tensor", "frame", "list"])
def test_labels_and_groups_of_any_container(kind):
    X, y = table()
    groups = np.arange(60) // 2
    made = {
        "tensor": (torch.tensor(X), torch.tensor(y), torch.tensor(groups)),
        "frame": (pd.DataFrame(X), pd.Series(y), pd.Series(groups).map("group {}".format)),
        "list": (X.tolist(), y.tolist(), [str(group) for group in groups]),
    }[kind]
    task = read_task(*made)
    np.testing.assert_array_equal(task.y, y)
    assert task.classes == ("0", "1")
    assert len(np.unique(task.groups)) == 30


def test_equal_groups_of_several_types_are_one():
    X, y = table()
    task = read_task(X, y, np.array([1, 1.0, "a", 2, "a", 2.0] * 10, dtype=object))
    assert task.groups.tolist() == [0, 0, 2, 1, 2, 1] * 10


def test_groups_that_are_lists_are_refused():
    groups = np.empty(60, dtype=object)
    groups[:] = [[row] * (1 + row % 2) for row in range(60)]
    with pytest.raises(TypeError, match="`groups` must hold numbers or texts"):
        read_task(*table(), groups)


def broken(row, column, value):
    X, y = table()
    X[row, column] = value
    return X, y


@pytest.mark.parametrize(
    ("arguments", "facts"),
    [
        (lambda: (table()[0], table()[1][:-1]), ["`y`", "59", "60"]),
        (lambda: (*table(), np.zeros(3)), ["`groups`", "3", "60"]),
        (lambda: (*table(), np.zeros((60, 2))), ["`groups`", "(60, 2)"]),
        (lambda: (*table(), [None, *range(59)]), ["`groups`", "row 0", "missing"]),
        (lambda: (*table(), pd.Series([pd.NA, *range(59)], dtype="Int64")), ["`groups`", "row 0"]),
        (
            lambda: (*table(), np.array(["NaT", *["2020-01-01"] * 59], dtype="datetime64[ns]")),
            ["`groups`", "row 0"],
        ),
        (lambda: (table()[0], np.zeros(60)), ["`y`", "more than 1 class"]),
        (lambda: broken(7, 1, np.nan), ["`X`", "nan", "row 7", "column 1", "impute"]),
        (lambda: broken(8, 0, np.inf), ["`X`", "inf", "row 8", "column 0", "impute"]),
        (
            lambda: (pd.DataFrame({"age": broken(3, 0, np.nan)[0][:, 0]}), table()[1]),
            ["`X`", "row 3", "'age'", "impute"],
        ),
        (
            lambda: (pd.DataFrame({"town": ["a", None, *["b"] * 58]}), table()[1]),
            ["`X`", "category", "row 1", "'town'", "impute"],
        ),
    ],
)
def test_bad_tables_are_refused_by_name_and_place(arguments, facts):
    for fact in facts:
        with pytest.raises(ValueError, match=re.escape(fact)):
            read_task(*arguments())


def test_a_class_with_fewer_rows_than_folds_is_named():
    X, _ = table()
    with pytest.raises(ValueError, match=r"2 row\(s\) of class 'rare'.*`n_splits`=3.*lower `n_splits` to 2"):
        folds_of(X, ["often"] * 58 + ["rare"] * 2)
    with pytest.raises(ValueError, match=r"1 row\(s\) of class 'rare'.*collect more"):
        folds_of(X, ["often"] * 59 + ["rare"])


def test_a_class_in_fewer_groups_than_folds_is_named():
    X, _ = table()
    y = np.repeat(["a", "b"], [40, 20])
    with pytest.raises(ValueError, match=r"`groups`: class 'b' is in 2 group\(s\).*lower `n_splits` to 2"):
        folds_of(X, y, np.arange(60) // 10)


def test_groups_that_leave_a_part_without_a_class_are_refused():
    # Both classes are in three groups, but two of them have to share a fold with all of another class.
    y = np.array([0] * 30 + [1] * 30)
    groups = np.array([0] * 28 + [1] + [2] + [0] * 28 + [3] + [4])
    with pytest.raises(
        ValueError, match=r"`groups` cannot be cut.*repeat \d, fold \d.*class '[01]'.*3 groups"
    ):
        folds_of(np.zeros((60, 1)), y, groups)
