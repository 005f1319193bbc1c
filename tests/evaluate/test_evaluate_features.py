"""read_features: which columns are numbers, whatever the container."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

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


def test_rows_of_several_lengths_are_refused():
    with pytest.raises(ValueError, match="`X` must be a table whose rows have the same length"):
        read_features([[1, 2], [3]])
