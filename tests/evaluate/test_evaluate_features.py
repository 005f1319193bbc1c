"""read_features: which columns are numbers, whatever the container."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch

from torchsmote.evaluate.features import read_features

ROWS = [[1.5, "a", 3, True], [2.5, "b", None, False], [float("nan"), None, 5, True]]


@pytest.mark.parametrize(
    "table",
    [
        ROWS,
        np.array(ROWS, dtype=object),
        pd.DataFrame(ROWS),
        pd.DataFrame(ROWS, dtype=object),
        pl.DataFrame(ROWS, orient="row", schema=["0", "1", "2", "3"], strict=False),
    ],
    ids=["list", "objects", "pandas", "pandas objects", "polars"],
)
def test_numbers_among_objects_are_numbers(table):
    features = read_features(table)
    assert features.categorical == (1, 3)
    np.testing.assert_array_equal(features.numbers, [[1.5, 3], [2.5, np.nan], [np.nan, 5]])
    np.testing.assert_array_equal(features.codes, [[0, 1], [1, 0], [-1, 1]])


def test_a_column_of_nothing_or_of_digits_as_text_is_categorical():
    assert read_features(np.array([[None, "1"], [None, "2"]], dtype=object)).categorical == (0, 1)
    assert read_features(np.array([["1", "2"], ["3", "4"]])).categorical == (0, 1)


def test_objects_may_be_numbers_of_any_type():
    values = [np.float64(1.5), np.int64(2), Decimal("3.25"), None]
    features = read_features(pd.DataFrame({"a": pd.Series(values, dtype=object)}))
    assert features.categorical == ()
    np.testing.assert_array_equal(features.numbers[:, 0], [1.5, 2, 3.25, np.nan])
    flags = pd.DataFrame({"a": pd.Series([np.True_, np.False_], dtype=object)})
    assert read_features(flags).categorical == (0,)


@pytest.mark.parametrize("kind", [bool, object, float])
def test_further_axes_are_flattened(kind):
    table = np.arange(12).reshape(2, 3, 2).astype(kind)
    flat, wide = read_features(table), read_features(table.reshape(2, 6))
    np.testing.assert_array_equal(flat.numbers, wide.numbers)
    np.testing.assert_array_equal(flat.codes, wide.codes)
    assert flat.names == wide.names


def test_sparse_tensors_are_made_dense():
    np.testing.assert_array_equal(read_features(torch.eye(3).to_sparse()).numbers, np.eye(3))


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (pl.LazyFrame({"a": [1]}), "`X` must be a table in memory, got a LazyFrame"),
        (pd.DataFrame({"a": [[1], [2, 3]]}), "`X` has the column 'a' with several values in a row"),
        (pl.DataFrame({"a": [{"x": 1}]}), "`X` has the column 'a' with several values in a row"),
        (pd.DataFrame({"a": [10**400, 1]}), "`X` has the column 'a'.* convert it to numbers, or to text"),
        (
            pl.DataFrame({"a": [date(2020, 1, 1)]}),
            "`X` has the column 'a'.* convert it to numbers, or to text",
        ),
    ],
    ids=["lazy", "lists", "struct", "huge", "dates"],
)
def test_what_is_neither_numbers_nor_categories_is_refused(table, message):
    with pytest.raises(TypeError, match=message):
        read_features(table)


def test_rows_of_several_lengths_are_refused():
    with pytest.raises(ValueError, match="`X` must be a table whose rows have the same length"):
        read_features([[1, 2], [3]])


def objects(value):
    column = np.empty((2, 1), object)
    column[:, 0] = [value, value]
    return column


@pytest.mark.parametrize(
    ("X", "error", "words"),
    [
        ({"a": [1]}, TypeError, "`X` must be a table .* got dict"),
        (None, TypeError, "got NoneType"),
        (pl.Series([1.0]), ValueError, "`X` must be a table with rows and columns"),
        (torch.ones(2, 2, device="meta"), TypeError, "`X` is a tensor on the meta device"),
        (np.ma.masked_array([[1.0], [2.0]], [[0], [1]]), ValueError, "`X` has masked values"),
        (np.ones((2, 1), complex), TypeError, "column 0' of dtype complex128"),
        (objects(date(2020, 1, 1)), TypeError, "column 0' with values of type date; convert it"),
        (objects(pd.Timestamp(0)), TypeError, "with values of type Timestamp"),
        (objects(1 + 2j), TypeError, "with values of type complex"),
    ],
    ids=["dict", "none", "series", "meta", "masked", "complex", "date", "timestamp", "complex objects"],
)
def test_what_is_no_table_of_numbers_and_categories_is_refused(X, error, words):
    with pytest.raises(error, match=words):
        read_features(X)
