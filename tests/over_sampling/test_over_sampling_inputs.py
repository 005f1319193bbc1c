"""Containers in and out, bad input, and what the fitted attributes say."""

import re
import warnings

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse
from sklearn.base import clone

from torchsmote import (
    ADASYN,
    SMOTE,
    BorderlineSMOTE,
    DataWarning,
    FewSamplesWarning,
    GeometricSMOTE,
    NothingSampledWarning,
    PolynomFitSMOTE,
    RandomOverSampler,
    over_sampling,
    synthesize,
)

# Need more than this table, or make other counts of it: see their own tests, and test_repo_contract.py.
ELSEWHERE = {"KMeansSMOTE", "SMOTEN", "SMOTENC", "SVMSMOTE"}
# Every other public over-sampler, so that a new one is held to the contract without a new line here.
ALL = [getattr(over_sampling, name) for name in over_sampling.__all__ if name not in ELSEWHERE]
# Those whose rows are mixes of given rows alone: GeometricSMOTE's lie beside them, and PolynomFitSMOTE's, as
# a star, between them and the mean of their class.
MIXES = [method for method in ALL if method not in (GeometricSMOTE, PolynomFitSMOTE)]
MIXERS = [method for method in MIXES if "constraint" in method._parameter_constraints]


def table(n=60, d=3, dtype=np.float32, seed=0):
    rng = np.random.RandomState(seed)
    y = (np.arange(n) % 5 == 0).astype(np.int64)
    return (rng.randn(n, d) + 0.5 * y[:, None]).astype(dtype), y


@pytest.mark.parametrize("method", ALL)
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_tensor_in_tensor_out(method, dtype, device):
    X, y = (torch.tensor(values, device=device) for values in table())
    X = X.to(dtype)
    before = X.clone()
    rows, labels = method(random_state=0).fit_resample(X, y)
    assert (rows.dtype, rows.device, labels.dtype, labels.device) == (dtype, X.device, y.dtype, y.device)
    assert torch.equal(rows[: len(X)], X)
    assert torch.equal(labels[: len(y)], y)
    assert torch.equal(X, before)
    assert rows.isfinite().all()


@pytest.mark.parametrize("method", ALL)
@pytest.mark.parametrize("as_tensor", [True, False])
def test_trailing_axes_are_kept(method, as_tensor):
    X, y = table(d=12)
    flat, labels = method(random_state=0).fit_resample(X, y)
    images = X.reshape(-1, 3, 2, 2)
    images = torch.tensor(images) if as_tensor else images
    rows, image_labels = method(random_state=0).fit_resample(images, y)
    assert rows.shape[1:] == (3, 2, 2)
    np.testing.assert_array_equal(np.asarray(rows).reshape(len(rows), -1), flat)
    np.testing.assert_array_equal(image_labels, labels)


@pytest.mark.parametrize("method", ALL)
def test_frames_keep_columns_dtypes_and_names(method):
    X, y = table()
    frame = pd.DataFrame(X, columns=["a", "b", "c"], index=np.arange(len(X)) + 100)
    frame["a"] = frame["a"].astype(np.float64)
    target = pd.Series(np.where(y, "rare", "usual"), name="kind", index=frame.index, dtype="category")
    rows, labels = method(random_state=0).fit_resample(frame, target)
    assert list(rows.columns) == ["a", "b", "c"]
    assert (rows.dtypes == frame.dtypes).all()
    assert labels.name == "kind"
    assert labels.dtype == target.dtype
    assert rows.index.equals(labels.index)
    assert rows.index.equals(pd.RangeIndex(len(rows)))
    assert (labels == "rare").sum() >= (y == 1).sum()
    np.testing.assert_array_equal(rows.iloc[: len(X)].to_numpy(), frame.to_numpy())


def test_whole_number_columns_are_rounded_with_a_warning():
    rng = np.random.RandomState(0)
    X = np.stack([rng.randint(0, 100, 60), 2**60 + np.arange(60)], 1)
    y = (np.arange(60) % 5 == 0).astype(int)
    frame = pd.DataFrame({"count": X[:, 0], "size": rng.randn(60)})
    with pytest.warns(DataWarning, match="whole numbers"):
        rows, _ = SMOTE(random_state=0).fit_resample(X, y)
    assert rows.dtype == X.dtype
    np.testing.assert_array_equal(rows[:60], X)
    with pytest.warns(DataWarning):
        mixed, _ = SMOTE(random_state=0).fit_resample(frame, y)
    assert (mixed.dtypes == frame.dtypes).all()
    sampler = SMOTE(random_state=0)
    with pytest.warns(DataWarning):
        mixed, _ = sampler.fit_resample(frame, y)
    exact = synthesize(torch.tensor(frame.to_numpy(dtype=float)), sampler.draws_).numpy()
    np.testing.assert_array_equal(mixed["count"].to_numpy()[60:], np.rint(exact[:, 0]).astype(int))
    np.testing.assert_array_equal(mixed["size"].to_numpy()[60:], exact[:, 1])


def test_lists_and_read_only_and_strided_arrays():
    X, y = table(dtype=np.float64)
    expected, labels = SMOTE(random_state=0).fit_resample(X, y)
    rows, new_labels = SMOTE(random_state=0).fit_resample(X.tolist(), y.tolist())
    assert isinstance(rows, list)
    assert isinstance(new_labels, list)
    np.testing.assert_array_equal(rows, expected)
    np.testing.assert_array_equal(new_labels, labels)
    frozen = X.copy()
    frozen.flags.writeable = False
    for same in (frozen, np.asfortranarray(X), np.ascontiguousarray(X[:, ::-1])[:, ::-1], X.astype(">f8")):
        np.testing.assert_array_equal(SMOTE(random_state=0).fit_resample(same, y)[0], expected)


@pytest.mark.parametrize("method", MIXERS)
def test_draws_say_where_each_row_came_from(method):
    X, y = (torch.tensor(values) for values in table(dtype=np.float64))
    sampler = method(random_state=0)
    rows, labels = sampler.fit_resample(X, y)
    n = len(X)
    assert torch.equal(synthesize(X, sampler.draws_), rows[n:])
    assert torch.equal(torch.as_tensor(sampler.classes_)[sampler.draws_.labels], labels[n:])
    assert (y[sampler.draws_.base] == labels[n:]).all()
    assert (sampler.draws_.neighbors != sampler.draws_.base[:, None]).all()
    assert sampler.sample_indices_.tolist() == [*range(n), *[-1] * (len(rows) - n)]


def test_random_over_sampler_says_which_rows_it_repeated():
    X, y = table()
    sampler = RandomOverSampler(random_state=0)
    rows, labels = sampler.fit_resample(X, y)
    np.testing.assert_array_equal(rows, X[sampler.sample_indices_])
    np.testing.assert_array_equal(labels, y[sampler.sample_indices_])
    anything = np.array([["x", None], ["y", 3], ["z", np.nan]], dtype=object)
    rows, _ = RandomOverSampler(random_state=0).fit_resample(anything, [0, 0, 1])
    assert rows.dtype == object
    assert len(rows) == 4
    noisy, _ = RandomOverSampler(random_state=0, shrinkage=1.0).fit_resample(X, y)
    assert noisy.dtype == X.dtype
    spread = RandomOverSampler(random_state=torch.Generator().manual_seed(0), shrinkage=1.0)
    assert not np.array_equal(spread.fit_resample(X, y)[0], noisy)


@pytest.mark.parametrize("method", ALL)
def test_a_generator_seeds_the_rows(method, device):
    X, y = (torch.tensor(values, device=device) for values in table())

    def rows(seed):
        generator = torch.Generator(device=device).manual_seed(seed)
        return method(random_state=generator).fit_resample(X, y)[0]

    assert torch.equal(rows(1), rows(1))
    assert not torch.equal(rows(1), rows(2))


@pytest.mark.parametrize("method", MIXES)
def test_recipe_draws_what_was_asked_for(method):
    X, y = (torch.tensor(values) for values in table())
    sampler = method()
    recipe = sampler.recipe(X, y)
    counts = y.bincount()
    if method is not ADASYN:
        assert recipe.n_synthetic == counts.max() - counts.min()
    draws = recipe.draw(torch.arange(recipe.n_synthetic), seed=3, epoch=1)
    assert (y[draws.base] == 1).all()
    again = recipe.draw(torch.arange(recipe.n_synthetic).flip(0), seed=3, epoch=1)
    assert torch.equal(again.base.flip(0), draws.base)
    assert not torch.equal(
        recipe.draw(torch.arange(recipe.n_synthetic), seed=3, epoch=2).base, draws.base
    ) or (method is ADASYN)
    assert synthesize(X, draws).shape == (recipe.n_synthetic, X.shape[1])


def few(n_rare=3):
    X = np.random.RandomState(0).randn(20 + n_rare, 2)
    return X, np.array(["usual"] * 20 + ["fraud"] * n_rare)


@pytest.mark.parametrize("method", [SMOTE, ADASYN])
def test_few_samples(method):
    X, y = few()
    with pytest.raises(ValueError, match=r"'fraud' has 3 samples but \w+=5 needs 6; lower \w+ to 2.*shrink"):
        method().fit_resample(X, y)
    sampler = method(few_samples="shrink", random_state=0)
    with pytest.warns(FewSamplesWarning, match="'fraud' has 3 samples"):
        rows, labels = sampler.fit_resample(X, y)
    assert (labels == "fraud").sum() >= 19
    assert (sampler.draws_.neighbors != sampler.draws_.base[:, None]).all()
    with pytest.warns(FewSamplesWarning, match="repeated"):
        rows, labels = method(few_samples="duplicate", random_state=0).fit_resample(X, y)
    assert all((row == X[20:]).all(1).any() for row in rows[23:])


@pytest.mark.parametrize("choice", ["shrink", "duplicate"])
def test_a_single_sample_is_repeated(choice):
    X, y = few(1)
    with pytest.raises(ValueError, match="duplicate"):
        SMOTE().fit_resample(X, y)
    with pytest.warns(FewSamplesWarning):
        rows, _ = SMOTE(few_samples=choice, random_state=0).fit_resample(X, y)
    np.testing.assert_array_equal(rows[21:], np.repeat(X[20:], 19, 0))


@pytest.mark.parametrize("method", MIXERS)
@pytest.mark.parametrize("state", [0, "generator"])
def test_constraint_is_kept_or_refused(method, state):
    X, y = table(dtype=np.float64)
    state = torch.Generator().manual_seed(0) if state == "generator" else state
    sampler = method(random_state=state, constraint=lambda rows: rows[:, 0] < 1.0, max_redraws=200)
    rows, _ = sampler.fit_resample(X, y)
    assert (rows[60:, 0] < 1.0).all()
    assert np.array_equal(synthesize(torch.tensor(X), sampler.draws_).numpy(), rows[60:])
    with pytest.raises(ValueError, match=r"constraint.*\d+ of \d+"):
        method(random_state=0, constraint=lambda rows: rows[:, 0] > 99, max_redraws=2).fit_resample(X, y)
    with pytest.raises(TypeError, match="constraint"):
        method(random_state=0, constraint=lambda rows: rows[:, 0]).fit_resample(X, y)


def test_borderline_without_danger_warns_and_keeps_the_class():
    X = np.concatenate([np.random.RandomState(0).randn(30, 2), np.random.RandomState(1).randn(12, 2) + 50])
    y = np.array([0] * 30 + [1] * 12)
    with pytest.warns(NothingSampledWarning, match="class 1"):
        rows, labels = BorderlineSMOTE().fit_resample(X, y)
    np.testing.assert_array_equal(rows, X)
    np.testing.assert_array_equal(labels, y)
    with pytest.raises(ValueError, match=r"ADASYN.*class 1"):
        ADASYN().fit_resample(X, y)


X0, Y0 = table()
BAD = {
    "one class": (X0, np.zeros(60, int), ValueError, "class"),
    "lengths": (X0, Y0[:-1], ValueError, "60.*59"),
    "nan": (np.where(np.arange(180).reshape(60, 3) == 7, np.nan, X0), Y0, ValueError, "row 2, column 1"),
    "inf": (np.where(np.arange(180).reshape(60, 3) == 7, np.inf, X0), Y0, ValueError, "row 2, column 1"),
    "one axis": (X0[:, 0], Y0, ValueError, "X"),
    "empty": (X0[:0], Y0[:0], ValueError, "[Xy]"),
    "no columns": (X0[:, :0], Y0, ValueError, "X"),
    "bool": (X0 > 0, Y0, TypeError, "bool"),
    "complex": (X0 + 1j, Y0, ValueError, "omplex"),
    "object": (X0.astype(object), Y0, TypeError, "object.*SMOTENC.*SMOTEN"),
    "strings": (X0.astype(str), Y0, TypeError, "U.*SMOTENC.*SMOTEN"),
    "string column": (
        pd.DataFrame({"a": X0[:, 0], "b": ["u"] * 60}),
        Y0,
        TypeError,
        "'b'.*SMOTENC.*'b'.*SMOTEN.*one-hot",
    ),
    "bool column": (pd.DataFrame({"a": X0[:, 0], "b": [True] * 60}), Y0, TypeError, "'b'"),
    "ragged": ([[1.0], [1.0, 2.0]] * 30, Y0, ValueError, "X"),
    "fractional labels": (X0, X0[:, 0], ValueError, "label.*SMOTER.*SMOGN"),
    "columns of labels": (X0, np.arange(120).reshape(60, 2), ValueError, "label type(?!.*SMOTER)"),
    "nan labels": (X0, np.where(np.arange(60) == 4, np.nan, Y0), ValueError, "row 4"),
    "none labels": (X0, np.array([None, *Y0[1:]], dtype=object), ValueError, "row 0"),
    "no labels": (X0, None, ValueError, "y"),
    "multilabel": (X0, np.ones((60, 3), int), ValueError, "[Mm]ultilabel.*MLSMOTE"),
    "sparse tensor": (torch.tensor(X0).to_sparse(), Y0, TypeError, "layout"),
}


@pytest.mark.parametrize("method", MIXERS)
@pytest.mark.parametrize("case", BAD)
def test_bad_data_is_refused(method, case):
    X, y, error, fact = BAD[case]
    with pytest.raises(error, match=fact):
        method(random_state=0).fit_resample(X, y)


def no_mapping(y):
    return 3


PARAMETERS = [
    ({"k_neighbors": 0}, "k_neighbors"),
    ({"k_neighbors": 2.5}, "k_neighbors"),
    ({"sampling_strategy": 1.5}, "sampling_strategy"),
    ({"sampling_strategy": float("nan")}, "sampling_strategy"),
    ({"sampling_strategy": "majority"}, "sampling_strategy"),
    ({"sampling_strategy": {7: 100}}, "7"),
    ({"sampling_strategy": {1: 3}}, "3.*1.*12|12.*3"),
    ({"sampling_strategy": {1: -4}}, "-4"),
    ({"sampling_strategy": {1: 50.5}}, "50.5"),
    ({"sampling_strategy": 0.1}, "0.25"),
    pytest.param({"sampling_strategy": no_mapping}, "mapping", id="a strategy that returns no mapping"),
    ({"few_samples": "drop"}, "few_samples"),
    ({"max_redraws": -1}, "max_redraws"),
    ({"backend": "nothing"}, "backend"),
    ({"device": "nowhere"}, "device"),
    ({"random_state": "x"}, "random_state"),
]


@pytest.mark.parametrize(("parameters", "fact"), PARAMETERS, ids=str)
def test_bad_parameters_are_refused(parameters, fact):
    with pytest.raises((ValueError, TypeError), match=fact):
        SMOTE(**parameters).fit_resample(X0, Y0)


def test_a_float_ratio_counts_exactly():
    y = np.array([0] * 100 + [1] * 10)
    X = np.random.RandomState(0).randn(110, 2)
    for ratio, wanted in [(0.29, 29), (0.57, 57), (0.58, 58), (0.999, 99), (1.0, 100)]:
        _, labels = SMOTE(sampling_strategy=ratio, random_state=0).fit_resample(X, y)
        assert (labels == 1).sum() == wanted
    with pytest.raises(ValueError, match="binary"):
        SMOTE(sampling_strategy=0.5).fit_resample(X, np.arange(110) % 3)


@pytest.mark.parametrize("method", ALL)
def test_clone_repr_pickle(method):
    import pickle

    sampler = method(random_state=3, sampling_strategy={1: 40})
    copy = pickle.loads(pickle.dumps(clone(sampler)))
    assert copy.get_params() == sampler.get_params()
    assert re.match(rf"{method.__name__}\(.*random_state=3", repr(copy))
    X, y = table()
    np.testing.assert_array_equal(copy.fit_resample(X, y)[0], sampler.fit_resample(X, y)[0])
    assert set(method._parameter_constraints) == set(sampler.get_params())


def test_pipeline_cross_validation_and_grid_search():
    from imblearn.pipeline import make_pipeline
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV, cross_val_score

    X, y = table(200)
    pipeline = make_pipeline(SMOTE(random_state=0), LogisticRegression())
    assert len(cross_val_score(pipeline, X, y, cv=3)) == 3
    search = GridSearchCV(pipeline, {"smote__k_neighbors": [2, 5]}, cv=2).fit(X, y)
    assert search.best_params_["smote__k_neighbors"] in (2, 5)
    assert list(SMOTE().fit(X, y).get_feature_names_out()) == ["x0", "x1", "x2"]


def test_sparse_tables_of_whole_numbers_and_noise():
    X = sparse.random(60, 5, 0.4, format="csr", random_state=0)
    y = (np.arange(60) % 5 == 0).astype(int)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        noisy, _ = RandomOverSampler(shrinkage=0.1, random_state=0).fit_resample(X, y)
    assert sparse.issparse(noisy)
    counts = (X * 10).astype(np.int64)
    with pytest.warns(DataWarning):
        rows, _ = SMOTE(random_state=0).fit_resample(counts, y)
    assert rows.dtype == np.int64
    assert (rows[:60] != counts).nnz == 0


def test_shrinkage_is_checked_and_cannot_be_drawn_lazily():
    X, y = table()
    with pytest.raises(ValueError, match=r"shrinkage.*1"):
        RandomOverSampler(shrinkage={0: 0.1}).fit_resample(X, y)
    with pytest.raises(ValueError, match=r"-0\.5.*class 1"):
        RandomOverSampler(shrinkage={1: -0.5}).fit_resample(X, y)
    with pytest.raises(ValueError, match=r"shrinkage=0\.5.*shrinkage=None"):
        RandomOverSampler(shrinkage=0.5).recipe(X, y)
    assert RandomOverSampler(shrinkage=0.0).recipe(X, y).n_synthetic == 36
    sampler = RandomOverSampler(shrinkage=0.5, sampling_strategy={0: 48, 1: 12}, random_state=0)
    rows, _ = sampler.fit_resample(X, y)
    np.testing.assert_array_equal(rows, X)
    assert len(sampler.draws_.base) == 0


def test_shrinkage_noise_has_the_scale_of_the_class():
    X, y = table(2000, d=2, dtype=np.float64)
    sampler = RandomOverSampler(shrinkage=2.0, random_state=0, sampling_strategy={1: 20_000})
    rows, _ = sampler.fit_resample(X, y)
    noise = rows[2000:] - X[sampler.sample_indices_[2000:]]
    expected = 2.0 * (4 / (4 * 2000)) ** (1 / 6) * X[y == 1].std(0)
    np.testing.assert_allclose(noise.std(0), expected, rtol=0.03)
    np.testing.assert_allclose(noise.mean(0), 0, atol=0.05 * expected.max())


def test_unusable_devices_are_a_value_error():
    X, y = table()
    for device in ("nowhere", "cuda:99", "meta:x"):
        with pytest.raises(ValueError, match=device):
            SMOTE(device=device).fit_resample(X, y)


@pytest.mark.parametrize("method", ALL)
def test_polars_frames_keep_their_dtypes_and_order(method):
    pl = pytest.importorskip("polars")
    X, y = table()
    frame = pl.DataFrame({"a": X[:, 0].astype(np.float64), "b": X[:, 1], "c": X[:, 2]})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)  # EOS: where it falls back to SMOTE
        made, labels = method(random_state=0).fit_resample(frame, pl.Series("y", y))
        expected, _ = method(random_state=0).fit_resample(frame.to_numpy(), y)
    assert isinstance(made, pl.DataFrame)
    assert isinstance(labels, pl.Series)
    assert dict(made.schema) == dict(frame.schema)
    assert made[:60].equals(frame)
    assert len(made) == len(labels)
    np.testing.assert_allclose(made.to_numpy(), expected, rtol=1e-6)


def test_polars_whole_numbers_are_rounded_and_text_is_refused():
    pl = pytest.importorskip("polars")
    X, y = table()
    frame = pl.DataFrame({"a": (100 * X[:, 0]).astype(np.int16), "b": X[:, 1]})
    with pytest.warns(DataWarning, match="'a'"):
        made, _ = SMOTE(random_state=0).fit_resample(frame, y)
    assert dict(made.schema) == dict(frame.schema)
    with pytest.raises(TypeError, match="'city'"):
        SMOTE().fit_resample(frame.with_columns(city=pl.lit("A")), y)
    with pytest.raises(ValueError, match="row 3, column 1"):
        SMOTE().fit_resample(pl.DataFrame({"a": X[:, 0], "b": [*X[:3, 1], None, *X[4:, 1]]}), y)
