"""SMOTENC and SMOTEN: imbalanced-learn's rows, a slow reference, containers, dtypes, bad input."""

import itertools
import re
import tracemalloc

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from imblearn import over_sampling as peer
from scipy import sparse
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder
from torch.utils.data import TensorDataset

from torchsmote import (
    SMOTEN,
    SMOTENC,
    DataWarning,
    EmbeddingSMOTE,
    FewSamplesWarning,
    SMOTEDataset,
    synthesize,
)

NUMBERS, CATEGORIES = [1, 2, 4], [0, 3, 5]


def table(kind="object", n_classes=2, n=300, seed=0):
    """Columns 1, 2 and 4 are numbers, 0, 3 and 5 categories of few values, so that votes tie."""
    rng = np.random.RandomState(seed)
    shares = {2: [0.7, 0.3], 3: [0.6, 0.25, 0.15]}[n_classes]
    y = rng.choice(n_classes, n, p=shares)
    X = rng.randn(n, 6) + 0.5 * y[:, None]
    if kind == "object":
        X = X.astype(object)
        X[:, 0], X[:, 5] = rng.choice(list("abcde"), n), rng.choice([True, False], n)
        X[:, 3] = rng.randint(-3, 3, n)
        return X, y
    for column in CATEGORIES:
        X[:, column] = rng.randint(-3, 3, n)
    return X.astype(kind), y


def nominal(kind="object", n_classes=2, n=300, seed=1):
    rng = np.random.RandomState(seed)
    y = np.minimum(rng.geometric(0.6 if n_classes < 4 else 0.15, n), n_classes) - 1
    X = np.column_stack([rng.choice(list(letters), n) for letters in ("abcdefgh", "xyz", "pq", "ABCDEFGHIJ")])
    X[y == 1, 1] = "x"
    return (X.astype(kind) if kind != "int" else np.unique(X, return_inverse=True)[1].reshape(X.shape)), y


def seeds(seed):
    """Two equal sources of random numbers."""
    return [np.random.RandomState(3) if seed == "RandomState" else seed for _ in range(2)]


@pytest.mark.parametrize("kind", ["float64", "float32", "object"])
@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("seed", [0, 7, "RandomState"])
@pytest.mark.parametrize("order", [CATEGORIES, [5, 0, 3], [-1, -6, 3]], ids=str)
def test_smotenc_has_the_rows_of_imbalanced_learn(kind, n_classes, seed, order):
    X, y = table(kind, n_classes)
    one, two = seeds(seed)
    mine, theirs = SMOTENC(order, random_state=one), peer.SMOTENC(order, random_state=two)
    rows, labels = mine.fit_resample(X, y)
    expected, expected_labels = theirs.fit_resample(X, y)
    np.testing.assert_array_equal(labels, expected_labels)
    assert rows.dtype == X.dtype
    tolerance = 1e-4 if kind == "float32" else 1e-10
    for column in NUMBERS:
        got, wanted = (values[:, column].astype(float) for values in (rows, expected))
        np.testing.assert_allclose(got, wanted, rtol=tolerance, atol=tolerance)
    np.testing.assert_array_equal(rows[:, CATEGORIES], expected[:, CATEGORIES])
    np.testing.assert_array_equal(rows[: len(X)], X)
    assert mine.median_std_.keys() == theirs.median_std_.keys()
    for label, median in mine.median_std_.items():
        assert median == pytest.approx(theirs.median_std_[label], rel=1e-6)
    np.testing.assert_array_equal(mine.categorical_features_ % 6, np.array(order) % 6)
    np.testing.assert_array_equal(mine.continuous_features_, NUMBERS)
    assert mine.n_features_ == theirs.n_features_ == 6
    for own, other in zip(
        mine.categorical_encoder_.categories_, theirs.categorical_encoder_.categories_, strict=True
    ):
        np.testing.assert_array_equal(own, other)


@pytest.mark.parametrize("kind", ["object", "U1", "int"])
@pytest.mark.parametrize("n_classes", [2, 3, 12])
@pytest.mark.parametrize("seed", [0, 5, "RandomState"])
@pytest.mark.parametrize("k", [2, 5])
def test_smoten_has_the_rows_of_imbalanced_learn(kind, n_classes, seed, k):
    X, y = nominal(kind, n_classes)
    one, two = seeds(seed)
    rows, labels = SMOTEN(random_state=one, k_neighbors=k).fit_resample(X, y)
    expected, expected_labels = peer.SMOTEN(random_state=two, k_neighbors=k).fit_resample(X, y)
    np.testing.assert_array_equal(labels, expected_labels)
    np.testing.assert_array_equal(rows, expected)
    assert rows.dtype == X.dtype


def test_smoten_holds_no_square_of_distances():
    rng = np.random.RandomState(0)
    X, y = rng.randint(0, 30, (6000, 8)), np.arange(6000) % 2 + (np.arange(6000) > 5900)
    sampler = SMOTEN(sampling_strategy={1: 3200}, random_state=0)
    tracemalloc.start()
    sampler.fit_resample(X, y)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (y == 1).sum() > 2900
    assert peak < 2900**2 * 8  # 67 MB, which one square of float64 would need


def test_an_encoder_gives_the_order_and_an_estimator_the_neighbors():
    X, y = table()
    order = [np.array(["e", "a", "c", "b", "d"], object), np.array(range(-3, 3)), np.array([True, False])]
    encoder = OneHotEncoder(categories=[*map(list, order)], sparse_output=False)
    with_encoder = {"categorical_features": CATEGORIES, "categorical_encoder": encoder, "random_state": 1}
    with_estimator = {"k_neighbors": NearestNeighbors(n_neighbors=4)}
    for options in (with_encoder, with_encoder | with_estimator):
        rows, _ = SMOTENC(**options).fit_resample(X, y)
        expected, _ = peer.SMOTENC(**options).fit_resample(X, y)
        np.testing.assert_array_equal(rows[:, CATEGORIES], expected[:, CATEGORIES])
    X, y = nominal()
    encoder = OrdinalEncoder(categories=[list("hgfedcba"), list("zyx"), list("qp"), list("JIHGFEDCBA")])
    for options in ({"categorical_encoder": encoder}, with_estimator):
        rows, _ = SMOTEN(random_state=1, **options).fit_resample(X, y)
        np.testing.assert_array_equal(rows, peer.SMOTEN(random_state=1, **options).fit_resample(X, y)[0])


def slow_votes(X, neighbors, base):
    """The most frequent values of each column among a base's neighbours, as sets."""
    votes = []
    for column in CATEGORIES:
        values, counts = np.unique(X[neighbors[base], column], return_counts=True)
        votes.append(set(values[counts == counts.max()]))
    return votes


@pytest.mark.parametrize("seed", [0, "generator"])
def test_neighbors_and_votes_against_a_slow_reference(seed, device):
    X, y = table("float64", 3)
    state = torch.Generator(device).manual_seed(4) if seed == "generator" else seed
    sampler = SMOTENC(CATEGORIES, random_state=state, k_neighbors=4)
    rows, labels = sampler.fit_resample(torch.tensor(X, device=device), torch.tensor(y, device=device))
    rows, labels = rows.cpu().numpy(), labels.cpu().numpy()
    draws = sampler.draws_
    neighbors = {}
    for label, median in sampler.median_std_.items():
        own = np.flatnonzero(y == label)
        assert median == pytest.approx(np.median(X[own][:, NUMBERS].std(0)))
        for row in own:
            squared = ((X[own][:, NUMBERS] - X[row, NUMBERS]) ** 2).sum(1)
            squared += median**2 * (X[own][:, CATEGORIES] != X[row, CATEGORIES]).sum(1)
            neighbors[row] = [near for near in own[np.argsort(squared, kind="stable")] if near != row][:4]
    numbers = torch.tensor(X[:, NUMBERS])
    made = synthesize(numbers, type(draws)(*(values.cpu() for values in draws))).numpy()
    np.testing.assert_allclose(rows[len(X) :, NUMBERS], made, rtol=1e-12)
    tied = 0
    for row, base, near in zip(rows[len(X) :], draws.base.tolist(), draws.neighbor.tolist(), strict=True):
        assert near in neighbors[base]
        allowed = slow_votes(X, neighbors, base)
        tied += sum(len(winners) > 1 for winners in allowed)
        assert all(value in winners for value, winners in zip(row[CATEGORIES], allowed, strict=True))
    assert tied > 10


def test_value_difference_of_the_papers_kind():
    """Chawla 2002, 6.2: a vote of the row and its neighbours, feature by feature."""
    X = np.array([list("ABCDE"), list("AFCGN"), list("HBCDN"), list("ZZZZZ"), list("YYYYY"), list("YZYZY")])
    y = np.array([0, 0, 0, 1, 1, 1])
    sampler = SMOTEN(k_neighbors=2, sampling_strategy={0: 10}, random_state=0)
    rows, _ = sampler.fit_resample(X, y)
    np.testing.assert_array_equal(rows[6:], [list("ABCDN")] * 7)


FRAME = {
    "size": np.float32,
    "kind": pd.CategoricalDtype(["d", "c", "b", "a", "unused"], ordered=True),
    "name": object,
    "text": "string",
    "flag": bool,
    "maybe": "boolean",
    "count": "Int64",
    "id": np.int8,
    "weight": "Float64",
}


def frame(n=80):
    rng = np.random.RandomState(0)
    letters = rng.choice(list("abcd"), n)
    data = {
        "size": rng.randn(n),
        "kind": letters,
        "name": letters,
        "text": letters,
        "flag": letters == "a",
        "maybe": letters == "b",
        "count": rng.randint(0, 3, n),
        "id": rng.randint(0, 100, n),
        "weight": rng.randn(n),
    }
    return pd.DataFrame(data, index=np.arange(n) + 5).astype(FRAME), (np.arange(n) % 4 == 0).astype(int)


def test_pandas_columns_keep_dtype_order_and_categories():
    X, y = frame()
    chosen = ["kind", "name", "text", "flag", "maybe", "count"]
    sampler = SMOTENC(chosen, random_state=0)
    with pytest.warns(DataWarning, match="whole numbers in column 'id'.*categorical_features") as caught:
        rows, labels = sampler.fit_resample(X, pd.Series(y, name="y", dtype="category"))
    assert "SMOTENC" not in str(caught[0].message)
    with pytest.warns(DataWarning, match=r"'flag' \(bool\), 'maybe' \(bool\), 'count', 'id'"):
        SMOTENC(chosen[:3], random_state=0).fit_resample(X, y)
    assert (rows.dtypes == X.dtypes).all()
    assert list(rows.columns) == list(X.columns)
    assert rows.index.equals(pd.RangeIndex(120))
    assert labels.dtype == "category"
    pd.testing.assert_frame_equal(rows.iloc[:80], X.reset_index(drop=True))
    for name in chosen:
        assert set(rows[name]) <= set(X[name])
    assert list(rows["kind"].cat.categories) == ["d", "c", "b", "a", "unused"]
    assert rows["id"].between(X["id"].min(), X["id"].max()).all()
    # These columns say the same thing, and so do their votes, but for ties.
    made = rows.iloc[80:]
    assert (made["kind"].astype(str) == made["text"]).mean() > 0.7
    only = SMOTEN(random_state=0).fit_resample(X[chosen], y)[0]
    assert (only.dtypes == X[chosen].dtypes).all()
    assert list(sampler.feature_names_in_) == list(X.columns)


def test_a_missing_value_is_a_category_of_its_own():
    X, y = frame()
    for name in ("kind", "name", "text", "maybe", "count"):
        X.loc[X.index[y == 1][:14], name] = None
    chosen = ["kind", "name", "text", "flag", "maybe", "count"]
    rows, _ = SMOTENC(chosen, random_state=0).fit_resample(X.drop(columns="id"), y)
    made = rows.iloc[80:]
    assert (rows.dtypes == X.drop(columns="id").dtypes).all()
    for name in ("kind", "name", "text", "maybe", "count"):
        assert 0.5 < made[name].isna().mean() < 1
    array = X[["size", "name", "weight"]].to_numpy(dtype=object, na_value=None)
    rows, _ = SMOTENC([1], random_state=0).fit_resample(array, y)
    assert {None} <= set(rows[80:, 1]) <= {None, *"abcd"}
    rows, _ = SMOTEN(random_state=0).fit_resample(X[chosen], y)
    assert 0.2 < rows["count"].iloc[80:].isna().mean() < 1
    floats = np.array([[0.0], [1.0], [np.nan]])[np.arange(30) % 3]
    for sampler in (SMOTEN(random_state=0), SMOTENC([0], random_state=0)):
        wide = np.hstack([floats, np.random.RandomState(0).randn(30, 1)])[
            :, : 1 + isinstance(sampler, SMOTENC)
        ]
        rows, _ = sampler.fit_resample(wide, np.arange(30) % 4 == 0)
        assert set(rows[30:, 0][~np.isnan(rows[30:, 0])]) <= {0.0, 1.0}


def test_auto_takes_the_categorical_columns():
    X, y = frame()
    X = X[["size", "kind", "weight"]]
    sampler = SMOTENC("auto", random_state=0)
    rows, _ = sampler.fit_resample(X, y)
    assert sampler.categorical_features_.tolist() == [1]
    same, _ = SMOTENC([False, True, False], random_state=0).fit_resample(X, y)
    pd.testing.assert_frame_equal(rows, same)


def test_polars_frames_keep_their_dtypes():
    pl = pytest.importorskip("polars")
    X, y = frame()
    X = X[["size", "kind", "name", "flag", "id", "weight"]].reset_index(drop=True)
    X["name"] = X["name"].where(X["name"] != "c", None)
    columns = {name: X[name].tolist() for name in X}
    kinds = [pl.Float32, pl.Enum(list("dcba")), pl.String, pl.Boolean, pl.Int8, pl.Float64]
    table = pl.DataFrame(columns, schema=dict(zip(X, kinds, strict=True)))
    for chosen in (["kind", "name", "flag"], "auto"):
        sampler = SMOTENC(chosen, random_state=0)
        given = table if chosen != "auto" else table.drop("name")
        with pytest.warns(DataWarning, match="'id'"):
            rows, labels = sampler.fit_resample(given, pl.Series("y", y))
        assert rows.schema == given.schema
        assert rows[:80].equals(given)
        assert isinstance(labels, pl.Series)
        assert labels.to_list().count(1) == 60
    with pytest.warns(DataWarning):
        wanted, _ = SMOTENC(["kind", "name", "flag"], random_state=0).fit_resample(X, y)
    with pytest.warns(DataWarning):
        rows, _ = SMOTENC(["kind", "name", "flag"], random_state=0).fit_resample(table, y)
    assert rows["kind"].to_list() == wanted["kind"].tolist()
    assert rows["size"].to_list() == wanted["size"].tolist()
    assert (
        SMOTEN(random_state=0).fit_resample(table[["kind", "name"]], y)[0].schema
        == table[["kind", "name"]].schema
    )


def test_lists_tensors_and_sparse_tables_get_the_same_rows(device):
    X, y = table("float64")
    wanted, _ = SMOTENC(CATEGORIES, random_state=0).fit_resample(X, y)
    rows, labels = SMOTENC(CATEGORIES, random_state=0).fit_resample(X.tolist(), y.tolist())
    assert isinstance(rows, list)
    assert isinstance(labels, list)
    np.testing.assert_array_equal(rows, wanted)
    tensor, _ = SMOTENC(CATEGORIES, random_state=0).fit_resample(torch.tensor(X, device=device), y)
    assert tensor.device.type == device.type
    np.testing.assert_allclose(tensor.cpu().numpy(), wanted, rtol=1e-12)
    for kind in (sparse.csr_matrix, sparse.csc_array):
        sparse_rows, _ = SMOTENC(CATEGORIES, random_state=0).fit_resample(kind(X), y)
        assert isinstance(sparse_rows, kind)
        np.testing.assert_allclose(sparse_rows.toarray(), wanted, rtol=1e-12)
    mixed, _ = table("object")
    as_list, _ = SMOTENC(CATEGORIES, random_state=0).fit_resample(mixed.tolist(), y)
    assert as_list == SMOTENC(CATEGORIES, random_state=0).fit_resample(mixed, y)[0].tolist()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.int64], ids=str)
def test_tensors_keep_dtype_and_values(dtype, device):
    X, y = table("float64")
    X[:, NUMBERS] *= 10
    given = torch.tensor(X, device=device).to(dtype)
    before = given.clone()
    sampler = SMOTENC(CATEGORIES, random_state=torch.Generator(device).manual_seed(0))
    if dtype == torch.int64:
        with pytest.warns(DataWarning, match="columns 1, 2, 4"):
            rows, _ = sampler.fit_resample(given, torch.tensor(y))
    else:
        rows, _ = sampler.fit_resample(given, torch.tensor(y))
    assert rows.dtype == dtype
    assert torch.equal(given, before)
    assert torch.equal(rows[: len(X)], given)
    for column in CATEGORIES:
        assert set(rows[:, column].tolist()) == set(given[:, column].tolist())


def test_without_spread_the_numbers_alone_choose_neighbors():
    X, y = table("float64")
    X[:, [1, 2]] = 3.0  # two of three columns: the median of the standard deviations is 0
    sampler = SMOTENC(CATEGORIES, random_state=0)
    rows, _ = sampler.fit_resample(X, y)
    assert sampler.median_std_ == {1: 0.0}
    np.testing.assert_allclose(
        rows, peer.SMOTENC(CATEGORIES, random_state=0).fit_resample(X, y)[0], rtol=1e-12
    )
    X[:, 4] = 1.0  # all rows are equally near: those of the smallest indices are taken
    rows, _ = sampler.fit_resample(X, y)
    assert set(sampler.draws_.neighbor.tolist()) <= set(np.flatnonzero(y == 1)[:6].tolist())
    assert (rows[:, NUMBERS] == [3, 3, 1]).all()


@settings(max_examples=25)
@given(
    st.integers(1, 3),
    st.integers(1, 4),
    st.integers(2, 6),
    st.sampled_from([1e-30, 1e-3, 1.0, 1e6, 1e200]),
    st.integers(0, 2**31),
)
def test_values_out_were_values_in(n_numbers, n_categories, k, scale, seed):
    rng = np.random.RandomState(seed)
    n = 40
    X = np.hstack([rng.randint(-3, 4, (n, n_numbers)) * scale, rng.randint(0, 4, (n, n_categories))])
    y = (np.arange(n) % 4 == 0).astype(int)
    places = list(range(n_numbers, n_numbers + n_categories))
    rows, labels = SMOTENC(places, random_state=seed, k_neighbors=k).fit_resample(X, y)
    assert np.isfinite(rows).all()
    assert (np.bincount(labels) == 30).all()
    for column in range(X.shape[1]):
        own, made = X[y == 1, column], rows[n:, column]
        assert (
            set(made) <= set(own) if column in places else own.min() <= made.min() <= made.max() <= own.max()
        )


def test_few_samples_shrink_duplicate_or_raise():
    X, y = table("float64")
    keep = np.r_[np.flatnonzero(y == 0), np.flatnonzero(y == 1)[:4]]
    X, y = X[keep], y[keep]
    for method in (SMOTENC(CATEGORIES, random_state=0), SMOTEN(random_state=0)):
        name = type(method).__name__
        with pytest.raises(
            ValueError, match=f"{name}: class 1 has 4 samples but k_neighbors=5 needs 6; lower"
        ):
            method.fit_resample(X, y)
        for few in ("shrink", "duplicate"):
            with pytest.warns(FewSamplesWarning, match=name):
                rows, labels = method.set_params(few_samples=few).fit_resample(X, y)
            assert (labels == 1).sum() == (labels == 0).sum()
            assert np.isin(rows[len(X) :, 0], X[y == 1, 0]).all()
        copies = {tuple(row) for row in X[y == 1]}
        assert {tuple(row) for row in rows[len(X) :]} <= copies


def test_a_constraint_sees_the_numbers():
    X, y = table("object")
    seen = []

    def positive(rows):
        seen.append(rows.shape[1])
        return rows[:, 0] > 0

    rows, _ = SMOTENC(CATEGORIES, random_state=0, constraint=positive, max_redraws=100).fit_resample(X, y)
    assert set(seen) == {3}
    assert (rows[len(X) :, 1].astype(float) > 0).all()


BAD = {
    "all": (
        [0, 1, 2, 3, 4, 5],
        "not designed to work only with categorical features.*all 6 columns; use SMOTEN",
    ),
    "none": ([], "not designed to work only with numerical features.*use SMOTE$"),
    "out": ([0, 6], r"has 6, but all features must be in \[0, 5\]"),
    "twice": ([0, 3, -6], "column 0 more than once"),
    "short": ([True, False], "mask of 2 values, but X has 6 columns"),
    "names": (["a"], "has names, such as 'a', but X is a ndarray without"),
    "float": ([0.5], "must hold ints, names or bools"),
    "auto": ("auto", "the input data should be a pandas.DataFrame"),
    "word": ("all", "categorical_features"),
    "missed": ([0, 5], "column 3 .*among its numbers.*list it in categorical_features"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_categorical_features(case):
    X, y = table("object")
    X[:, 3] = np.where(X[:, 3] > 0, "x", "y")
    features, message = BAD[case]
    with pytest.raises((ValueError, TypeError), match=message):
        SMOTENC(features).fit_resample(X, y)
    with pytest.raises(ValueError, match="'nope', which is no column of X"):
        SMOTENC(["nope"]).fit_resample(pd.DataFrame(X), y)


def test_auto_with_text_that_is_not_categorical():
    X, y = frame()
    with pytest.raises(ValueError, match=r"'name'.*astype\(.category.\).*categorical_features=\['name', "):
        SMOTENC("auto").fit_resample(X[["name", "text", "weight"]].astype({"name": str}), y)
    with pytest.raises(ValueError, match=r"use SMOTE$"):
        SMOTENC("auto").fit_resample(X[["weight"]], y)


def test_bad_values_are_named():
    X, y = table("object")
    X[7, 4] = np.nan
    with pytest.raises(ValueError, match="NaN or infinity: nan in row 7, column 4"):
        SMOTENC(CATEGORIES).fit_resample(X, y)
    X[7, 4] = 1.0
    X[9, 0] = 3
    with pytest.raises(TypeError, match="categorical column 0, whose values cannot be put in order"):
        SMOTENC(CATEGORIES).fit_resample(X, y)
    with pytest.raises(ValueError, match="no more axes"):
        SMOTEN().fit_resample(np.zeros((10, 2, 2)), [0] * 7 + [1] * 3)
    encoder = OneHotEncoder(drop="first")
    X[9, 0] = "a"
    with pytest.raises(
        ValueError, match=r"one column per category, but .* makes 10 columns of 13 categories"
    ):
        SMOTENC(CATEGORIES, categorical_encoder=encoder).fit_resample(X, y)
    with pytest.raises(ValueError, match="'faiss' is not usable: it compares numbers alone"):
        SMOTENC(CATEGORIES, backend="faiss").fit_resample(X, y)
    unknown = OneHotEncoder(
        categories=[list("abcd"), list(range(-3, 3)), [False, True]], handle_unknown="ignore"
    )
    with pytest.raises(ValueError, match=r"categorical column 0, which cannot be encoded: .*unknown"):
        SMOTENC(CATEGORIES, categorical_encoder=unknown).fit_resample(X, y)


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ([], "is empty"),
        ([1.0, 2.0, 3.0], "1 axis"),
        ([["a", 1.0], ["b"], ["a", 2.0]], "rows have the same length"),
        (np.empty((3, 0)), "0 feature"),
        (
            pd.DataFrame({"a": list("xyz"), "d": pd.to_datetime([0, 1, 2])}),
            "'d' of dtype datetime64.*numbers",
        ),
    ],
    ids=["empty", "flat", "ragged", "no column", "dates"],
)
def test_what_is_no_table_is_refused(X, message):
    with pytest.raises((ValueError, TypeError), match=message):
        SMOTENC([0], k_neighbors=1).fit_resample(X, [0, 1, 1])


def test_a_table_in_balance_stays_as_it_is():
    X, _ = frame()
    X = X.drop(columns="id").reset_index(drop=True)
    rows, labels = SMOTENC(["kind", "name", "text", "flag", "maybe", "count"]).fit_resample(
        X, np.arange(80) % 2
    )
    pd.testing.assert_frame_equal(rows, X)
    assert len(labels) == 80


def test_many_categories_need_no_wide_table():
    """An id column: one-hot rows would be 20,000 wide."""
    rng = np.random.RandomState(0)
    n = 20_000
    X = np.column_stack([rng.randn(n, 2), np.arange(n), rng.randint(0, 3, n)]).astype(np.float32)
    y = (np.arange(n) % 10 == 0).astype(int)
    rows, _ = SMOTENC([2, 3], random_state=0).fit_resample(X, y)
    assert np.isin(rows[n:, 2], X[y == 1, 2]).all()


def test_the_other_doors():
    with pytest.raises(
        TypeError, match="EmbeddingSMOTE: SMOTENC votes on categories, and embeddings have none"
    ):
        EmbeddingSMOTE(2, SMOTENC([0]))
    X, y = (torch.tensor(values) for values in table("float32"))
    with pytest.raises(ValueError, match=re.escape("SMOTEDataset: SMOTENC votes on categories")):
        SMOTEDataset(TensorDataset(X, y), SMOTENC(CATEGORIES))
    items = TensorDataset(X[:, NUMBERS], X[:, CATEGORIES].long(), y)
    sampler = SMOTENC(CATEGORIES, k_neighbors=3)
    data = SMOTEDataset(items, sampler, features=X, categorical=[1], seed=1)
    table_of = dict(zip(data.recipe.rows.tolist(), data.recipe.table.tolist(), strict=True))
    bases = SMOTEDataset(items, sampler, features=X, categorical=[1], return_provenance=True, seed=1)
    for item in bases.__getitems__(range(len(X), len(bases))):
        voters = table_of[int(item[-1].base)]
        for j, winners in enumerate(slow_votes(X.numpy(), {0: voters}, 0)):
            assert float(item[1][j]) in winners
    recipe = SMOTENC(CATEGORIES, k_neighbors=3).recipe(X, y)
    rare = torch.bincount(y).argmin()
    assert recipe.table.shape == (int((y == rare).sum()), 3)
    assert (y[recipe.table] == rare).all()
    recipe = SMOTEN(k_neighbors=3).recipe(*nominal())
    assert recipe.table.shape[1] == 4
    assert (recipe.draw(torch.arange(5), seed=0).steps == 0).all()


def test_every_order_of_columns_gives_the_same_numbers():
    X, y = table("float64")
    wanted = SMOTENC(CATEGORIES, random_state=0).fit_resample(X, y)[0]
    for order in itertools.islice(itertools.permutations(range(6)), 0, 720, 97):
        places = [order.index(column) for column in CATEGORIES]
        rows = SMOTENC(places, random_state=0).fit_resample(X[:, order], y)[0]
        np.testing.assert_allclose(rows[:, [order.index(c) for c in range(6)]], wanted, rtol=1e-12)
