"""ArrowRows: rows as in memory, from every kind of source; what is refused."""

from __future__ import annotations

import os
import pickle
import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet
import pytest
import torch
from streamed_tables import FORMS, NAMES, D, N, frame, source
from torch.utils.data import DataLoader, Subset, TensorDataset

from torchsmote import (
    ADASYN,
    SMOTE,
    ArrowRows,
    BorderlineSMOTE,
    GaussianSMOTE,
    RandomOverSampler,
    SMOTEDataset,
    SMOTESampler,
    TensorLoader,
    TomekLinks,
    knn,
)
from torchsmote.neighbors import streamed as blocks

TABLE = frame()
X = torch.from_numpy(TABLE[NAMES].to_numpy(copy=True))
Y = torch.from_numpy(TABLE["y"].to_numpy(copy=True))
METHODS = [
    SMOTE(),
    BorderlineSMOTE(),
    BorderlineSMOTE(kind="borderline-2"),
    ADASYN(),
    RandomOverSampler(),
    SMOTE(k_neighbors=100, few_samples="duplicate", sampling_strategy={2: 100}),
]
IDS = ["SMOTE", "borderline-1", "borderline-2", "ADASYN", "random", "few"]


@pytest.fixture(params=FORMS)
def rows(request, tmp_path):
    return ArrowRows(source(request.param, tmp_path), target="y", cache_bytes=5000)


@pytest.fixture
def parquet(tmp_path):
    return ArrowRows(source("parquet", tmp_path), target="y")


def same_recipe(one, other):
    assert (one.parts, one.dtype, one.origin) == (other.parts, other.dtype, other.origin)
    for name in ("rows", "table", "weights", "repeats", "enemies"):
        mine, theirs = getattr(one, name), getattr(other, name)
        assert (mine is None and theirs is None) or torch.equal(mine, theirs), name


def test_rows_are_those_of_the_table(rows):
    assert (len(rows), rows.shape, rows.dtype, rows.features) == (N, (N, D), torch.float32, NAMES)
    picked = np.array([899, 0, 130, 130, 5])
    assert torch.equal(rows.take(picked), X[picked])
    assert torch.equal(torch.cat(list(rows.row_blocks(100))), X)
    assert torch.equal(rows.targets, Y)
    items = rows.__getitems__([7, 500])
    assert torch.equal(items[1][0], X[500])
    assert items[1][1] == Y[500]
    assert torch.equal(rows[-1][0], X[-1])


def test_a_part_of_the_rows(rows):
    index = np.flatnonzero(np.arange(N) % 3)
    part = rows.only(index)
    assert torch.equal(torch.cat(list(part.row_blocks(64))), X[index])
    assert torch.equal(part.targets, Y[index])
    assert torch.equal(part.only(np.array([4])).take(np.array([0])), X[index[4]][None])
    assert len(rows) == N


def test_it_travels_to_worker_processes(parquet):
    part = pickle.loads(pickle.dumps(parquet.only(np.arange(10, 20))))
    assert torch.equal(part.take(np.arange(10)), X[10:20])
    seen = torch.cat(
        [x for x, _ in DataLoader(parquet, batch_size=100, num_workers=1, generator=torch.Generator())]
    )
    assert torch.equal(seen, X)


def test_the_cache_is_bounded(parquet):
    small = ArrowRows(parquet._source, target="y", cache_bytes=5000)
    for row in range(0, N, 50):
        small[row]
        assert small._cache.held <= 5000
    assert parquet._cache.held == 0


def test_whole_numbers_and_doubles_are_read_in_float64(tmp_path):
    table = pd.DataFrame({"a": [1, 2, 3], "b": [0.5, 1.5, 2.5], "y": ["u", "v", "v"]})
    rows = ArrowRows(source("parquet", tmp_path, table), target="y")
    assert rows.dtype == torch.float64
    assert (rows[1][0].tolist(), rows[1][1]) == ([2.0, 1.5], "v")
    assert rows.take(np.array([2])).tolist() == [[3.0, 2.5]]
    assert ArrowRows(rows._source, ["a"], dtype=torch.float32)[0][0].dtype == torch.float32


def same_neighbors(one, other):
    assert torch.equal(one.indices, other.indices)
    assert torch.equal(one.distances, other.distances)


def test_neighbors_are_those_in_memory(rows, monkeypatch):
    monkeypatch.setattr(blocks, "_BYTES", 300 * 4 * D)
    wanted = knn(X[:50], X, 5)
    same_neighbors(knn(X[:50], rows, 5), wanted)
    same_neighbors(knn(rows.only(np.arange(50)), X, 5), wanted)


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_a_table_is_searched_in_itself(parquet, metric, monkeypatch):
    monkeypatch.setattr(blocks, "_BYTES", 400 * 4 * D)
    options = {"relation": "different", "query_labels": Y.numpy(), "metric": metric, "exclude_self": True}
    same_neighbors(knn(parquet, k=300, **options), knn(X, k=300, **options))


@pytest.mark.filterwarnings("ignore::torchsmote.FewSamplesWarning")
@pytest.mark.parametrize("resampler", METHODS, ids=IDS)
def test_recipes_are_those_in_memory(parquet, resampler, monkeypatch):
    monkeypatch.setattr(blocks, "_BYTES", 300 * 4 * D)
    same_recipe(resampler.recipe(parquet, parquet.targets), resampler.recipe(X, Y))


def test_a_double_table_of_any_scale_has_the_same_recipe(tmp_path):
    table = frame("float64").assign(x0=lambda t: t.x0 * 1e200, x1=lambda t: t.x1 * 1e-200)
    rows = ArrowRows(source("ipc", tmp_path, table), target="y")
    wanted = BorderlineSMOTE().recipe(torch.from_numpy(table[NAMES].to_numpy(copy=True)), Y)
    same_recipe(BorderlineSMOTE().recipe(rows, Y), wanted)


@pytest.mark.parametrize("form", ["parquet", "ipc"])
@pytest.mark.parametrize("part", [False, True], ids=["all", "a Subset"])
def test_a_dataset_makes_the_samples_that_tensors_make(tmp_path, form, part):
    rows = ArrowRows(source(form, tmp_path), target="y")
    there, here = rows, TensorDataset(X, Y)
    if part:
        index = np.flatnonzero(np.arange(N) % 3)
        there, here = Subset(rows, index), Subset(here, index)
    options = {"seed": 3, "return_provenance": True}
    one, other = SMOTEDataset(there, ADASYN(), **options), SMOTEDataset(here, ADASYN(), **options)
    assert torch.equal(one.targets, other.targets)
    loaders = [TensorLoader(data, 64, seed=1) for data in (one, other)]
    for mine, theirs in zip(*loaders, strict=True):
        assert all(torch.equal(a, b) for a, b in zip(mine[:2], theirs[:2], strict=True))
    loaders = [
        DataLoader(data, 64, sampler=SMOTESampler(data), generator=torch.Generator()) for data in (one, other)
    ]
    for mine, theirs in zip(*loaders, strict=True):
        assert all(torch.equal(a, b) for a, b in zip(mine[:2], theirs[:2], strict=True))


def test_a_saved_recipe_needs_no_search(parquet, tmp_path, monkeypatch):
    SMOTE().recipe(parquet, Y).save(tmp_path / "recipe")
    recipe = type(SMOTE().recipe(X, Y)).load(tmp_path / "recipe")
    monkeypatch.setattr(ArrowRows, "row_blocks", None)
    data = SMOTEDataset(parquet, SMOTE(), recipe=recipe)
    assert torch.equal(data[N][0], SMOTEDataset(TensorDataset(X, Y))[N][0])


def test_labels_may_be_given_besides(tmp_path):
    rows = ArrowRows(source("ipc", tmp_path), features=NAMES)
    data, wanted = SMOTEDataset(rows, targets=Y, seed=0), SMOTEDataset(TensorDataset(X), targets=Y, seed=0)
    for (mine,), (theirs,) in zip(TensorLoader(data, 300), TensorLoader(wanted, 300), strict=True):
        assert torch.equal(mine, theirs)


def test_string_labels_go_item_by_item(tmp_path, monkeypatch):
    table = TABLE.assign(y=TABLE["y"].map({0: "a", 1: "b", 2: "c"}))
    rows = ArrowRows(source("parquet", tmp_path, table), target="y")
    rows.__getitems__([0])
    with monkeypatch.context() as patch:
        patch.setattr(torch, "stack", None)  # the rows are not put together in memory
        data = SMOTEDataset(rows, seed=0)
    wanted = SMOTEDataset(TensorDataset(X, Y), seed=0)
    x, label = data[len(data) - 1]
    assert (label, torch.equal(x, wanted[len(data) - 1][0])) == ("c", True)


def test_to_memmap_writes_whole_files_or_none(parquet, tmp_path, monkeypatch):
    path = tmp_path / "made" / "X.npy"
    made = parquet.to_memmap(path)
    assert torch.equal(made, X)
    assert np.load(path, mmap_mode="r").shape == (N, D)
    same_recipe(SMOTE().recipe(np.load(path, mmap_mode="r"), Y), SMOTE().recipe(X, Y))
    before = path.read_bytes()

    def broken(size):
        yield X[:10]
        raise OSError("disk full")

    monkeypatch.setattr(parquet, "row_blocks", broken)
    with pytest.raises(OSError, match="disk full"):
        parquet.to_memmap(path)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["X.npy"]


def bad(**columns):
    return pa.table({"a": [0.0, 1.0, 2.0], "y": [0, 0, 1], **columns})


@pytest.mark.parametrize(
    ("arguments", "error", "facts"),
    [
        ({"source": 3}, TypeError, r"`source` must be a path .* got int"),
        ({"source": bad(b=["u", "v", "w"])}, TypeError, "'b' of type string"),
        ({"source": bad(b=[True, False, True])}, TypeError, "'b' of type bool"),
        (
            {"source": bad(), "features": ["z"]},
            ValueError,
            "`features` names the column 'z', but there are 'a', 'y'",
        ),
        ({"source": bad(), "features": "a"}, TypeError, "list of column names"),
        ({"source": bad(), "features": ["a", "a"]}, ValueError, "'a' twice"),
        ({"source": bad(), "features": ["a", "y"], "target": "y"}, ValueError, "which is the `target`"),
        ({"source": bad(), "features": []}, ValueError, "`features` is empty"),
        ({"source": bad(), "target": "label"}, ValueError, "`target` names the column 'label'"),
        ({"source": bad().slice(0, 0)}, ValueError, "`source` has no row"),
        ({"source": bad(), "features": 5}, TypeError, "list of column names, got 5"),
        (
            {"source": bad(), "cache_bytes": -1},
            ValueError,
            "`cache_bytes` must be an int of at least 0, got -1",
        ),
        ({"source": bad(), "cache_bytes": None}, ValueError, "`cache_bytes` must be an int"),
        (
            {"source": bad().append_column("y", [[0, 1, 1]]), "target": "y"},
            ValueError,
            "'y', of which there are 2",
        ),
        ({"source": bad(), "dtype": torch.int64}, TypeError, "`dtype` must be"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_refused_at_once(arguments, error, facts):
    with pytest.raises(error, match=facts):
        ArrowRows(**arguments)


def test_a_filtered_dataset_is_refused(tmp_path):
    filtered = source("dataset", tmp_path).filter(pyarrow.dataset.field("x0") > 0)
    with pytest.raises(ValueError, match="filtered"):
        ArrowRows(filtered)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), None])
def test_missing_values_are_refused_with_their_place(tmp_path, value):
    table = TABLE.astype({"x2": "object"})
    table.loc[717, "x2"] = value
    rows = ArrowRows(source("parquet", tmp_path, table.astype({"x2": "float64"})), target="y")
    with pytest.raises(ValueError, match=r"`X` must be finite, got (nan|inf) in row 717, column 2"):
        SMOTE().recipe(rows, Y)
    with pytest.raises(ValueError, match=r"`reference` must be finite, got (nan|inf) in row 717"):
        knn(X[:3].double(), rows, 2)


def test_a_missing_label_is_refused_with_its_row():
    rows = ArrowRows(pa.table({"a": [0.0, 1.0, 2.0], "y": [0, None, 1]}), target="y")
    with pytest.raises(ValueError, match="column 'y' has a missing label in row 1"):
        SMOTEDataset(rows)


def test_labels_of_another_length_are_refused(parquet):
    with pytest.raises(ValueError, match="`X` has 900 rows but `y` has 899 labels"):
        SMOTE().recipe(parquet, Y[1:])


@pytest.mark.parametrize("form", ["parquet", "ipc"])
def test_a_file_that_changed_is_refused(tmp_path, form):
    path = source(form, tmp_path)
    rows = ArrowRows(path, target="y", cache_bytes=0)
    with open(path, "ab") as file:
        file.write(b"more")
    for read in (lambda: rows[0], lambda: next(rows.row_blocks(10)), lambda: SMOTE().recipe(rows, Y)):
        with pytest.raises(ValueError, match=re.escape(str(path)) + " was changed after it had been opened"):
            read()


@pytest.mark.parametrize(
    ("resampler", "error", "facts"),
    [
        (GaussianSMOTE(), TypeError, "GaussianSMOTE needs `X` in memory, got a table of type ArrowRows"),
        (SMOTE(constraint=lambda rows: rows[:, 0] > 0), ValueError, "`constraint` needs the rows in memory"),
        (RandomOverSampler(shrinkage=1.0), ValueError, "`shrinkage` needs the rows in memory"),
    ],
    ids=["method", "constraint", "shrinkage"],
)
def test_methods_that_need_the_rows_say_so(parquet, resampler, error, facts):
    with pytest.raises(error, match=facts):
        resampler.recipe(parquet, Y)
    with pytest.raises(error, match=facts):
        SMOTEDataset(parquet, resampler)


@pytest.mark.parametrize("backend", ["faiss-hnsw", "faiss-ivf"])
def test_approximate_backends_need_the_rows(parquet, backend):
    for search in (
        lambda: knn(X[:5], parquet, 3, backend=backend),
        lambda: SMOTE(backend=backend).recipe(parquet, Y),
        lambda: BorderlineSMOTE(backend=backend).recipe(parquet, Y),
    ):
        with pytest.raises(ValueError, match=f"`backend`='{backend}' is not usable: .* in memory"):
            search()


def test_a_table_door_refuses_and_says_what_to_do(parquet, alone):
    with pytest.raises(TypeError, match=r"train on SMOTEDataset\(X, resampler\)"):
        SMOTE().fit_resample(parquet, Y)
    with pytest.raises(TypeError, match="TomekLinks needs `X` in memory"):
        TomekLinks().fit_resample(parquet, Y)
    with pytest.raises(TypeError, match="`group` takes rows in memory"):
        knn(X, parquet, group=alone)


def test_row_numbers_that_are_none_are_refused(rows):
    n = len(rows)
    for call in (rows.take, rows.only):
        for numbers in ([-1], [n]):
            with pytest.raises(IndexError, match=rf"`rows` must be in \[0, {n}\), got {numbers[0]}"):
                call(np.array(numbers))
        for numbers in (np.arange(n) < 5, np.array([0.0]), np.array([[0]])):
            with pytest.raises(TypeError, match="`rows` must be a vector of row numbers"):
                call(numbers)
    assert rows.only([2, 1]).take([0]).equal(rows.take(np.array([2])))
    with pytest.raises(TypeError, match="slice"):
        rows[0:3]


def test_a_file_that_is_not_whole_or_of_another_type_is_named(tmp_path):
    table = pa.table({"a": [0.0, 1.0], "y": [0, 1]})
    with pa.ipc.new_file(tmp_path / "a.arrow", table.schema) as file:
        file.write_table(table)
    whole = (tmp_path / "a.arrow").read_bytes()
    (tmp_path / "a.arrow").write_bytes(whole[:-9])
    with pytest.raises(ValueError, match=r"a\.arrow is no whole Arrow IPC file"):
        ArrowRows(tmp_path / "a.arrow")
    pyarrow.parquet.write_table(table, tmp_path / "b.parquet")
    pyarrow.parquet.write_table(table.set_column(0, "a", pa.array(["u", "v"])), tmp_path / "c.parquet")
    rows = ArrowRows([tmp_path / "b.parquet", tmp_path / "c.parquet"], target="y")
    with pytest.raises(ValueError, match=r"`source`: .*c\.parquet: Failed to parse"):
        list(rows.row_blocks(10))


def test_a_file_of_the_same_size_written_later_is_another_one(tmp_path):
    pyarrow.parquet.write_table(bad(), tmp_path / "a.parquet")
    rows = ArrowRows(tmp_path / "a.parquet", target="y")
    os.utime(tmp_path / "a.parquet", ns=(0, 0))
    with pytest.raises(ValueError, match=r"a\.parquet was changed after it had been opened"):
        rows.take([0])
