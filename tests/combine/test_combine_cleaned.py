"""SMOTEENN and SMOTETomek: imbalanced-learn's rows, what survives the cleaning, and what is refused."""

import re
import warnings

import imblearn.combine as peer
import imblearn.over_sampling as peer_over
import imblearn.under_sampling as peer_under
import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.base import clone
from torch.utils.data import TensorDataset

import torchsmote
from torchsmote import (
    ADASYN,
    SMOTE,
    SMOTEENN,
    SMOTEIPF,
    BorderlineSMOTE,
    DataWarning,
    EmbeddingSMOTE,
    NothingSampledWarning,
    RandomOverSampler,
    SMOTEDataset,
    SMOTETomek,
    over_sampling,
    synthesize,
)
from torchsmote.under_sampling import EditedNearestNeighbours, TomekLinks

CLEANED = [SMOTEENN, SMOTETomek]
ALL = [*CLEANED, SMOTEIPF]
CLEANER = {SMOTEENN: "enn", SMOTETomek: "tomek"}


def table(n=200, d=4, dtype=np.float64, classes=2, gap=1.5, seed=0):
    rng = np.random.RandomState(seed)
    y = np.where(np.arange(n) % 5 == 0, 1 + np.arange(n) // 5 % (classes - 1), 0)
    return (rng.randn(n, d) + gap * y[:, None]).astype(dtype), y


def pairs(X, y, method, **arguments):
    ours, theirs = method(**arguments), getattr(peer, method.__name__)(**arguments)
    return ours, ours.fit_resample(X, y), theirs.fit_resample(X, y)


@pytest.mark.parametrize("method", CLEANED)
@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize(("dtype", "rtol"), [(np.float64, 1e-10), (np.float32, 1e-4)])
@pytest.mark.parametrize("strategy", ["auto", "all", {0: 180, 1: 90}])
def test_rows_and_order_are_imbalanced_learns(method, classes, dtype, rtol, strategy):
    X, y = table(classes=classes, dtype=dtype)
    _, (rows, labels), (expected, expected_labels) = pairs(
        X, y, method, sampling_strategy=strategy, random_state=7
    )
    assert rows.dtype == dtype
    np.testing.assert_array_equal(labels, expected_labels)
    np.testing.assert_allclose(rows, expected, rtol=rtol, atol=rtol)


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        (SMOTEENN, {"enn": ("EditedNearestNeighbours", {"kind_sel": "mode", "n_neighbors": 5})}),
        (SMOTEENN, {"smote": ("SMOTE", {"k_neighbors": 3, "random_state": 2})}),
        (SMOTEENN, {"smote": ("SMOTENC", {"categorical_features": [3], "random_state": 2})}),
        (SMOTETomek, {"smote": ("SMOTENC", {"categorical_features": [3], "random_state": 2})}),
        (SMOTETomek, {"tomek": ("TomekLinks", {"sampling_strategy": "majority"})}),
        (SMOTETomek, {"smote": ("BorderlineSMOTE", {"random_state": 2, "kind": "borderline-2"})}),
    ],
)
def test_given_parts_are_as_in_imbalanced_learn(method, arguments, monkeypatch):
    X, y = table(gap=1.0)
    X[:, 3] = X[:, 3].round().clip(-1, 1)  # for SMOTENC, categories
    # imbalanced-learn's own check refuses other over-samplers than SMOTE, which Borderline derives from not.
    monkeypatch.setattr(getattr(peer, method.__name__), "_parameter_constraints", {})
    monkeypatch.setattr(getattr(peer, method.__name__), "_validate_params", lambda self: None)

    def parts(modules):
        return {
            name: next(getattr(module, cls) for module in modules if hasattr(module, cls))(**given)
            for name, (cls, given) in arguments.items()
        }

    rows, labels = method(random_state=0, **parts([torchsmote])).fit_resample(X, y)
    theirs = getattr(peer, method.__name__)(random_state=0, **parts([peer_over, peer_under]))
    expected, expected_labels = theirs.fit_resample(X, y)
    np.testing.assert_array_equal(labels, expected_labels)
    np.testing.assert_allclose(rows, expected, rtol=1e-10)


# Over-samplers whose rows are mixes of input rows, and which need no argument for this table.
MIXERS = [
    "ADASYN",
    "BorderlineSMOTE",
    "EOS",
    "GaussianSMOTE",
    "KMeansSMOTE",
    "LeeSMOTE",
    "ProWSyn",
    "SMOTE",
    "SVMSMOTE",
    "SafeLevelSMOTE",
]
OTHERS = ["GeometricSMOTE", "PolynomFitSMOTE"]  # theirs are drawn too, but no mix of two rows


@pytest.mark.parametrize("method", ALL)
@pytest.mark.parametrize("over", MIXERS + OTHERS)
def test_draws_and_sample_indices_survive_the_cleaning(method, over, device):
    X, y = (torch.tensor(values, device=device) for values in table(gap=1.0))
    resampler = method(
        smote=getattr(over_sampling, over)(), random_state=torch.Generator(device).manual_seed(3)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", torchsmote.TorchSMOTEWarning)
        rows, labels = resampler.fit_resample(X, y)
    assert (rows.device, rows.dtype, labels.device, labels.dtype) == (X.device, X.dtype, X.device, y.dtype)
    origin = torch.tensor(resampler.sample_indices_, device=device)
    assert len(origin) == len(rows) == len(labels) <= len(resampler.smote_.sample_indices_)
    real = origin >= 0
    assert torch.equal(rows[real], X[origin[real]])
    assert torch.equal(labels[real], y[origin[real]])
    draws = resampler.draws_
    assert len(resampler.smote_.draws_.base) > len(draws.base) == (~real).sum() > 0
    if over in MIXERS:
        torch.testing.assert_close(rows[~real], synthesize(X, draws), rtol=0, atol=0)
    assert torch.equal(labels[~real], draws.labels.to(labels.dtype))


@pytest.mark.parametrize("method", ALL)
def test_repeated_rows_keep_their_origin(method):
    X, y = table(gap=1.0)
    resampler = method(smote=RandomOverSampler(), random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NothingSampledWarning)
        rows, labels = resampler.fit_resample(X, y)
    np.testing.assert_array_equal(rows, X[resampler.sample_indices_])
    np.testing.assert_array_equal(labels, y[resampler.sample_indices_])
    repeated = (
        np.bincount(resampler.sample_indices_, minlength=len(X)) - 1
    )  # each real row once, if it stayed
    assert 0 < len(resampler.draws_.base) <= np.abs(repeated).sum()


@settings(max_examples=25)
@given(data=st.data())
def test_what_is_left_is_part_of_what_the_over_sampler_returned(data):
    method = data.draw(st.sampled_from(CLEANED))
    over = data.draw(st.sampled_from([SMOTE(k_neighbors=2), ADASYN(n_neighbors=3), RandomOverSampler()]))
    n, seed = data.draw(st.integers(20, 60)), data.draw(st.integers(0, 999))
    X, y = table(n=n, d=2, gap=0.5, seed=seed)
    resampler = method(smote=over, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", torchsmote.TorchSMOTEWarning)
        rows, labels = resampler.fit_resample(X, y)
        grown, grown_labels = clone(over).set_params(random_state=seed).fit_resample(X, y)
    kept = getattr(resampler, f"{CLEANER[method]}_").sample_indices_
    assert len(set(kept)) == len(kept)
    np.testing.assert_array_equal(rows, grown[kept])
    np.testing.assert_array_equal(labels, grown_labels[kept])
    np.testing.assert_array_equal(resampler.sample_indices_, resampler.smote_.sample_indices_[kept])


@pytest.mark.parametrize("method", ALL)
@pytest.mark.parametrize("container", ["frame", "list", "csr", "tensor", "float16", "images"])
def test_containers_and_dtypes_are_kept(method, container):
    X, y = table(dtype=np.float32)
    plain, labels = method(random_state=0).fit_resample(X, y)
    given = {
        "frame": lambda: pd.DataFrame(X, columns=list("abcd"), index=np.arange(len(X)) + 50),
        "list": X.tolist,
        "csr": lambda: sparse.csr_array(X),
        "tensor": lambda: torch.tensor(X),
        "float16": lambda: torch.tensor(X).half(),
        "images": lambda: torch.tensor(X).reshape(-1, 1, 2, 2),
    }[container]()
    before = clone(given, safe=False)
    target = {"list": y.tolist(), "frame": pd.Series(y, name="kind")}.get(container, y)
    rows, new_labels = method(random_state=0).fit_resample(given, target)
    assert type(rows) is type(given)
    assert type(new_labels) is type(target)
    if container == "float16":
        assert rows.dtype == torch.float16
        return
    same = given == before if container == "list" else np.array_equal(_dense(given), _dense(before))
    assert same
    np.testing.assert_allclose(_dense(rows), plain, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(np.asarray(new_labels), labels)
    if container == "frame":
        assert rows.index.equals(pd.RangeIndex(len(rows)))
        assert (rows.dtypes == given.dtypes).all()
        assert list(rows.columns) == list("abcd") == list(method().fit(given, target).feature_names_in_)


def _dense(values):
    values = values.toarray() if sparse.issparse(values) else values
    return np.asarray(values, dtype=np.float32).reshape(len(values), -1)


@pytest.mark.parametrize("method", ALL)
def test_string_labels_and_the_fitted_attributes(method):
    X, y = table()
    resampler = method(random_state=0)
    _, labels = resampler.fit_resample(X, np.array(["usual", "rare"])[y])
    assert labels.dtype == np.array(["usual", "rare"]).dtype
    assert resampler.classes_.tolist() == ["rare", "usual"]
    assert resampler.sampling_strategy_ == {"rare": 120}
    assert resampler.n_features_in_ == 4
    assert not hasattr(resampler, "feature_names_in_")


@pytest.mark.parametrize("method", ALL)
def test_what_a_part_leaves_open_is_as_in_the_combination(method):
    resampler = method(
        random_state=3, device="cpu", backend="torch", smote=BorderlineSMOTE(m_neighbors=4, backend="faiss")
    )
    resampler._validate_estimator()
    smote = resampler.smote_
    assert (smote.m_neighbors, smote.random_state, smote.device, smote.backend) == (4, 3, "cpu", "faiss")
    assert resampler.smote.random_state is None
    if method in CLEANER:
        cleaner = getattr(resampler, f"{CLEANER[method]}_")
        assert (cleaner.device, cleaner.backend, cleaner.sampling_strategy) == ("cpu", "torch", "all")


@pytest.mark.parametrize("method", ALL)
def test_a_strategy_beside_a_given_over_sampler_is_refused(method):
    message = (
        f"{method.__name__}: sampling_strategy='minority' has no effect beside `smote`; set it on the ov"
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        method(sampling_strategy="minority", smote=ADASYN()).fit_resample(*table())


@pytest.mark.parametrize("method", ALL)
def test_what_is_no_over_sampler_is_refused(method):
    others = {"a TomekLinks of torchsmote": TomekLinks(), "a SMOTE of imblearn": peer_over.SMOTE()}
    for what, smote in {**others, "the class SMOTE of torchsmote": SMOTE}.items():
        with pytest.raises(ValueError, match=rf"{method.__name__}: `smote` is {what}.*SMOTE\(\)"):
            method(smote=smote).fit_resample(*table())
    for argument in {"tomek", "enn"} & set(method().get_params()):
        with pytest.raises(TypeError, match=rf"`{argument}` is the class EditedNear.*object.*\(\)"):
            method(**{argument: EditedNearestNeighbours}).fit_resample(*table())
    with pytest.raises(ValueError, match="The 'smote' parameter of"):
        method(smote=3).fit_resample(*table())
    with pytest.raises(TypeError, match=f"{method.__name__}: `smote` is a SMOTEENN, which also cleans"):
        method(smote=SMOTEENN()).fit_resample(*table())


@pytest.mark.parametrize("method", CLEANED)
def test_what_is_no_cleaner_is_refused(method):
    name = CLEANER[method]
    with pytest.raises(
        TypeError, match=f"{method.__name__}: `{name}` is a ADASYN, which adds rows; give one"
    ):
        method(**{name: ADASYN()}).fit_resample(*table())

    class Centres(TomekLinks):
        def fit_resample(self, X, y):
            return X[:2], y[:2]

    with pytest.raises(TypeError, match=f"{method.__name__}: Centres makes rows of its own"):
        method(random_state=0, **{name: Centres()}).fit_resample(*table())


def test_a_class_that_goes_altogether_is_named():
    X = np.arange(40.0)[:, None]
    y = np.zeros(40, dtype=int)
    y[::5] = 1  # every other row's neighbours are of class 0
    enn = EditedNearestNeighbours(sampling_strategy=[1])
    with pytest.warns(
        DataWarning, match="EditedNearestNeighbours: class 1 is cleaned away: none of its 10 row"
    ):
        _, labels = SMOTEENN(
            smote=RandomOverSampler(sampling_strategy={1: 10}), enn=enn, random_state=0
        ).fit_resample(X, y)
    assert set(labels) == {0}


def test_no_row_to_remove_is_no_news():
    X, y = table(gap=30.0)
    rows, _ = SMOTETomek(random_state=0).fit_resample(X, y)  # a warning would be an error
    np.testing.assert_array_equal(rows, SMOTE(random_state=0).fit_resample(X, y)[0])


@pytest.mark.parametrize("method", ALL)
def test_the_loop_doors_say_what_to_use_instead(method):
    X, y = (torch.tensor(values) for values in table(dtype=np.float32))
    sentence = (
        f"{method.__name__} cleans a finished table, so it cannot draw rows in a training loop; use "
        "resampler=ADASYN(...) there (SMOTE() if that needs the table too), and clean the real rows before"
    )
    resampler = method(smote=ADASYN())
    with pytest.raises(TypeError, match=re.escape(f"SMOTEDataset: {sentence}")):
        SMOTEDataset(TensorDataset(X, y), resampler)
    with pytest.raises(TypeError, match=re.escape(f"EmbeddingSMOTE: {sentence}")):
        EmbeddingSMOTE(2, resampler)


@pytest.mark.parametrize("method", ALL)
def test_bad_tables_are_refused_by_the_part_that_sees_them(method):
    X, y = table()
    X[3, 1] = np.nan
    with pytest.raises(ValueError, match="NaN or infinity: nan in row 3, column 1"):
        method().fit_resample(X, y)
    with pytest.raises(
        ValueError, match="class 1 has 3 samples but k_neighbors=5 needs 6; lower k_neighbors"
    ):
        method().fit_resample(table()[0][:15], table()[1][:15])


@pytest.mark.parametrize("method", CLEANED)
def test_arguments_of_the_wrong_kind(method):
    with pytest.raises(ValueError, match=f"The 'n_jobs' parameter of {method.__name__} must be .* Got 0.5"):
        method(n_jobs=0.5).fit_resample(*table())
    with pytest.raises(ValueError, match=f"The '{CLEANER[method]}' parameter of {method.__name__} must be"):
        method(**{CLEANER[method]: "all"}).fit_resample(*table())
