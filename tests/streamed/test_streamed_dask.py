"""fit_resample of Dask collections gives the rows of the in-memory path, whatever the partitions."""

from __future__ import annotations

import warnings

import dask
import dask.array as da
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest
from streamed_tables import NAMES, N, frame

from torchsmote import (
    ADASYN,
    SMOTE,
    BorderlineSMOTE,
    DataWarning,
    GaussianSMOTE,
    RandomOverSampler,
    TomekLinks,
)

TABLE = frame("float64")
METHODS = {
    "SMOTE": lambda: SMOTE(random_state=0),
    "borderline-1": lambda: BorderlineSMOTE(random_state=0),
    "borderline-2": lambda: BorderlineSMOTE(random_state=0, kind="borderline-2"),
    "ADASYN": lambda: ADASYN(random_state=0),
    "random": lambda: RandomOverSampler(random_state=0),
}
METHOD = pytest.mark.parametrize("method", METHODS)


@pytest.fixture(params=["synchronous", "threads"], autouse=True)
def scheduler(request):
    with dask.config.set(scheduler=request.param):
        yield request.param


def cut(table, lengths):
    """A Dask frame whose partitions have these lengths; divisions and lengths are not known."""
    ends = np.cumsum(lengths)
    parts = [table.iloc[end - n : end] for end, n in zip(ends, lengths, strict=True)]
    return dd.from_delayed([dask.delayed(part) for part in parts], meta=table.iloc[:0], verify_meta=False)


CUTS = {"one": [N], "even": [300] * 3, "empty ones": [0, 1, 0, 500, 399, 0], "many": [90] * 10}


@METHOD
@pytest.mark.parametrize("cuts", CUTS)
def test_rows_are_those_in_memory(method, cuts, scheduler):
    if scheduler == "threads" and cuts not in ("even", "empty ones"):
        pytest.skip("two cuts are enough to see the scheduler")
    given = cut(TABLE, CUTS[cuts])
    there, here = METHODS[method](), METHODS[method]()
    X, y = there.fit_resample(given[NAMES], given["y"])
    wanted = here.fit_resample(TABLE[NAMES], TABLE["y"])
    assert isinstance(X, dd.DataFrame)
    assert isinstance(y, dd.Series)
    pd.testing.assert_frame_equal(X.compute(), wanted[0])
    pd.testing.assert_series_equal(y.compute(), wanted[1])
    assert there.sampling_strategy_ == here.sampling_strategy_
    assert there.feature_names_in_.tolist() == NAMES
    assert np.array_equal(there.sample_indices_, here.sample_indices_)
    assert all(a.equal(b) for a, b in zip(there.draws_, here.draws_, strict=True))


@METHOD
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_arrays(method, dtype):
    values, labels = TABLE[NAMES].to_numpy(dtype=dtype), TABLE["y"].to_numpy()
    X, y = METHODS[method]().fit_resample(
        da.from_array(values, chunks=(250, 3)), da.from_array(labels, chunks=400)
    )
    wanted = METHODS[method]().fit_resample(values, labels)
    assert (X.shape, X.dtype) == (wanted[0].shape, dtype)
    assert np.array_equal(X.compute(), wanted[0])
    assert np.array_equal(y.compute(), wanted[1])


def test_arrays_of_unknown_lengths():
    given = dd.from_pandas(TABLE, npartitions=4)
    X, y = SMOTE(random_state=0).fit_resample(given[NAMES].to_dask_array(), given["y"].to_dask_array())
    wanted = SMOTE(random_state=0).fit_resample(TABLE[NAMES].to_numpy(), TABLE["y"].to_numpy())
    assert np.array_equal(X.compute(), wanted[0])
    assert np.array_equal(y.compute(), wanted[1])


def test_a_narrow_column_of_parquet_is_cut_as_the_others_are(tmp_path):
    pa_table = pa.Table.from_pandas(TABLE)
    pyarrow.parquet.write_table(pa_table, tmp_path / "rows.parquet", row_group_size=90)
    given = dd.read_parquet(tmp_path / "rows.parquet", split_row_groups=2)
    X, y = SMOTE(random_state=0).fit_resample(given[NAMES], given["y"])
    wanted = SMOTE(random_state=0).fit_resample(TABLE[NAMES], TABLE["y"])
    pd.testing.assert_frame_equal(X.compute(), wanted[0])
    pd.testing.assert_series_equal(y.compute(), wanted[1])


def test_nothing_is_computed_but_what_the_fit_needs(scheduler):
    computed = []

    def watch(part):
        computed.append(len(part))
        return part

    given = dd.from_pandas(TABLE, npartitions=3).map_partitions(watch, meta=TABLE.iloc[:0])
    X, y = SMOTE(random_state=0).fit_resample(given[NAMES], given["y"])
    assert sum(computed) <= 3 * N  # labels, one pass over the rows, and a label of each class
    assert (X.npartitions, X.divisions[0], X.divisions[-1]) == (7, 0, len(X) - 1)
    before = sum(computed)
    y.partitions[-1].compute()
    assert sum(computed) == before


def test_columns_keep_their_dtypes_and_whole_numbers_are_rounded():
    table = TABLE.assign(x0=(TABLE.x0 * 9).round().astype("int32"), x1=TABLE.x1.astype("float32"))
    given = dd.from_pandas(table, npartitions=4)
    with pytest.warns(DataWarning, match="whole numbers in column 'x0'"):
        X, _ = SMOTE(random_state=0).fit_resample(given[NAMES], given["y"])
    with pytest.warns(DataWarning):
        wanted, _ = SMOTE(random_state=0).fit_resample(table[NAMES], table["y"])
    assert X.dtypes.tolist() == wanted.dtypes.tolist()
    pd.testing.assert_frame_equal(X.compute(), wanted)


def test_repeated_rows_may_hold_anything():
    table = TABLE.assign(x0=[f"row {i}" for i in range(N)], x1=np.where(TABLE.x1 > 0, np.nan, TABLE.x1))
    given = dd.from_pandas(table, npartitions=4)
    X, y = RandomOverSampler(random_state=0).fit_resample(given[NAMES], given["y"])
    wanted = RandomOverSampler(random_state=0).fit_resample(table[NAMES], table["y"])
    pd.testing.assert_frame_equal(X.compute(), wanted[0], check_dtype=False)
    pd.testing.assert_series_equal(y.compute(), wanted[1])


@pytest.mark.parametrize("kind", ["str", "category", "bool"])
def test_labels_of_any_kind(kind):
    labels = {"str": TABLE["y"].map({0: "c", 1: "b", 2: "a"}), "bool": TABLE["y"] > 1}
    labels = labels.get(kind, TABLE["y"].astype("category"))
    given = dd.from_pandas(TABLE.assign(y=labels), npartitions=3)
    sampler = SMOTE(random_state=0, sampling_strategy="minority")
    _, y = sampler.fit_resample(given[NAMES], given["y"])
    _, wanted = SMOTE(random_state=0, sampling_strategy="minority").fit_resample(TABLE[NAMES], labels)
    assert y.compute().tolist() == wanted.tolist()
    if kind == "category":
        assert y.dtype == wanted.dtype


def test_a_balanced_table_is_handed_on():
    given = dd.from_pandas(TABLE, npartitions=2)
    X, y = SMOTE(sampling_strategy={2: 80}).fit_resample(given[NAMES], given["y"])
    pd.testing.assert_frame_equal(X.compute(), TABLE[NAMES])
    assert y.compute().tolist() == TABLE["y"].tolist()


@METHOD
def test_recipes_are_those_in_memory(method):
    given = dd.from_pandas(TABLE, npartitions=4)
    one = METHODS[method]().recipe(given[NAMES], given["y"])
    other = METHODS[method]().recipe(TABLE[NAMES], TABLE["y"])
    assert (one.parts, one.origin, one.dtype) == (other.parts, other.origin, other.dtype)
    assert one.rows.equal(other.rows)
    assert one.table.equal(other.table)


def place(table, row, column, value):
    changed = table.copy()
    changed.loc[row, column] = value
    return changed


@pytest.mark.parametrize(
    ("table", "facts"),
    [
        (
            place(TABLE, 620, "x1", np.nan),
            "partition 2: `X` contains NaN or infinity: nan in row 20, column x1",
        ),
        (place(TABLE, 620, "x1", np.inf), "partition 2: `X` contains NaN or infinity: inf in row 20"),
        (place(TABLE.astype({"y": float}), 620, "y", np.nan), "`y` has a missing label in row 620"),
        (place(TABLE.astype({"y": object}), 620, "y", None), "`y` has a missing label in row 620"),
        (TABLE.assign(y=1), "only 1 class: 1"),
        (TABLE.iloc[:0], "`y` .* no label"),
        (TABLE.assign(y=TABLE["y"] + 0.5), "Unknown label type: continuous"),
    ],
    ids=["nan", "inf", "label nan", "label None", "one class", "no row", "fractions"],
)
def test_unusable_contents_are_refused(table, facts):
    given = dd.from_pandas(table, npartitions=3) if len(table) else dd.from_pandas(table, npartitions=1)
    with pytest.raises(ValueError, match=facts):
        SMOTE().fit_resample(given[NAMES], given["y"])


def test_arguments_that_do_not_fit_are_refused():
    given, other = dd.from_pandas(TABLE, npartitions=3), dd.from_pandas(TABLE, npartitions=2)
    X = given[NAMES]
    with pytest.raises(ValueError, match="`X` has 3 partitions but `y` has 2"):
        SMOTE().fit_resample(X, other["y"])
    with pytest.raises(ValueError, match=r"partition [12] of `X` has 300 rows but that of `y` has"):
        SMOTE().fit_resample(X, cut(TABLE, [300, 299, 301])["y"])
    with pytest.raises(TypeError, match=r"`y` must be a Dask data frame, series or array .* got Series"):
        SMOTE().fit_resample(X, TABLE["y"])
    with pytest.raises(ValueError, match="`y` must have 1 axis, got a DataFrame of 2"):
        SMOTE().fit_resample(X, given[["y"]])
    with pytest.raises(ValueError, match=r"0 feature\(s\)"):
        SMOTE().fit_resample(X[[]], given["y"])
    with pytest.raises(TypeError, match="column 'x0' of dtype"):
        SMOTE().fit_resample(X.assign(x0=X.x0.astype(str)), given["y"])
    with pytest.raises(ValueError, match="`device`='cuda' is not where"):
        SMOTE(device="cuda").fit_resample(X, given["y"])
    with pytest.raises(ValueError, match="`device`='nonsense' is not where"):
        SMOTE(device="nonsense").fit_resample(X, given["y"])
    with pytest.raises(TypeError, match="load it first, or call fit_resample or recipe of SMOTE"):
        SMOTE().fit(X, given["y"])
    with pytest.raises(ValueError, match="`constraint` needs the rows in memory"):
        SMOTE(constraint=lambda rows: rows[:, 0] > 0).fit_resample(X, given["y"])


@pytest.mark.parametrize("resampler", [GaussianSMOTE(), TomekLinks()], ids=["over", "under"])
def test_other_methods_say_so(resampler):
    given = dd.from_pandas(TABLE, npartitions=3)
    with pytest.raises(
        TypeError, match=r"needs `X` in memory, got a table of type DataFrame; .* SMOTE, Bord"
    ):
        resampler.fit_resample(given[NAMES], given["y"])


def test_a_collection_that_changes_is_found_out(scheduler):
    left = [len(TABLE)] * 4

    def shrinking():
        return TABLE.iloc[: left.pop()]

    given = dd.from_delayed([dask.delayed(shrinking)()], meta=TABLE.iloc[:0], verify_meta=False)
    X, _ = SMOTE(random_state=0).fit_resample(given[NAMES], dd.from_pandas(TABLE, npartitions=1)["y"])
    left[:] = [10]
    with pytest.raises(ValueError, match="partition 0 had 900 rows when it was fitted, and has 10 now"):
        X.compute()


def test_no_warning_in_a_plain_run():
    given = dd.from_pandas(TABLE, npartitions=3)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for part in ADASYN(random_state=0).fit_resample(given[NAMES], given["y"]):
            part.compute()


def test_a_partition_without_a_row_that_grows_is_checked_too():
    table = TABLE.sort_values("y", ignore_index=True)
    given = cut(place(table, 7, "x1", np.nan), [10, N - 10])
    with pytest.raises(ValueError, match="partition 0: `X` contains NaN or infinity: nan in row 7"):
        SMOTE().fit_resample(given[NAMES], given["y"])
