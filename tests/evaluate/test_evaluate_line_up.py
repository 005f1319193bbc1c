"""Who takes part in a comparison: names, the grid, what is refused before any work."""

import pickle
import sys
from dataclasses import dataclass, replace

import imblearn.over_sampling
import numpy as np
import pytest
from imblearn.pipeline import make_pipeline as make_imblearn_pipeline
from line_up_cases import QUICK, by_name, lined_up, people, table
from sklearn.calibration import CalibratedClassifierCV
from sklearn.decomposition import PCA
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures
from sklearn.svm import SVC, LinearSVC
from torch import nn

from torchsmote import (
    ADASYN,
    SMOTE,
    SMOTEENN,
    SMOTENC,
    SMOTER,
    DataWarning,
    EditedNearestNeighbours,
    RandomUnderSampler,
    SMOTETomek,
    TomekLinks,
)
from torchsmote.evaluate import TorchModel
from torchsmote.evaluate.comparison.function_text import function_text
from torchsmote.evaluate.comparison.measurements import STANDING
from torchsmote.method_names import make_resampler

FEATURES, Y = table()
PEOPLE, SICK = people()
SHARED = nn.Linear(4, 2)
FROZEN = nn.Linear(4, 3).requires_grad_(False)
MEANS = nn.BatchNorm1d(4, affine=False)
WIDTH = 3


def names(methods, grid=None, features=FEATURES, y=Y, classes=None):
    found = lined_up(features, y, methods, grid=grid, classes=classes)
    every = [contender.name for contender in found.contenders]
    assert tuple(every[:5]) == STANDING
    return every[5:]


def test_methods_are_named_by_their_class_and_what_was_set():
    methods = ["smote", "borderline", ADASYN(n_neighbors=3, random_state=1), "EasyEnsemble"]
    assert names(methods) == ["SMOTE", "BorderlineSMOTE", "ADASYN(n_neighbors=3)", "EasyEnsemble"]
    assert names([]) == []


def test_two_of_one_class_are_told_apart():
    assert names([SMOTE(), SMOTE(k_neighbors=3)]) == ["SMOTE", "SMOTE(k_neighbors=3)"]
    assert names([SMOTE(random_state=1), SMOTE(random_state=2)]) == [
        "SMOTE(random_state=1)",
        "SMOTE(random_state=2)",
    ]
    assert names(["SMOTE", imblearn.over_sampling.SMOTE()]) == ["torchsmote.SMOTE", "imblearn.SMOTE"]


def test_grid_multiplies_over_the_arguments_that_a_method_has():
    grid = {"k_neighbors": [3, 5, 3], "sampling_strategy": [0.5]}
    asked = ["SMOTE", "random-over", "adasyn", "tomek", "smote-tomek", "BalancedRandomForest"]
    assert names(asked, grid) == [
        "SMOTE(k_neighbors=3, sampling_strategy=0.5)",
        "SMOTE(k_neighbors=5, sampling_strategy=0.5)",
        "RandomOverSampler(sampling_strategy=0.5)",
        "ADASYN(n_neighbors=3, sampling_strategy=0.5)",
        "ADASYN(n_neighbors=5, sampling_strategy=0.5)",
        "TomekLinks",
        "SMOTETomek(k_neighbors=3, sampling_strategy=0.5)",
        "SMOTETomek(k_neighbors=5, sampling_strategy=0.5)",
        "BalancedRandomForest(sampling_strategy=0.5)",
    ]


def test_grid_sets_what_the_names_say():
    grid = {"n_neighbors": np.array([2]), "sampling_strategy": [0.7]}
    ours = [SMOTEENN(smote=SMOTE(k_neighbors=7)), EditedNearestNeighbours(), imblearn.over_sampling.SMOTE()]
    found = lined_up(FEATURES, Y, ours, grid=grid).contenders[5:]
    combined, cleaner, theirs = (contender.run.resampler for contender in found)
    assert [contender.name for contender in found] == [
        "SMOTEENN(k_neighbors=2, sampling_strategy=0.7)",
        "EditedNearestNeighbours(n_neighbors=2)",
        "SMOTE(k_neighbors=2, sampling_strategy=0.7)",
    ]
    assert (combined.smote.k_neighbors, combined.smote.sampling_strategy) == (2, 0.7)
    # A strategy of its own would have no effect beside that one, and be refused.
    combined.set_params(random_state=0).fit_resample(FEATURES.numbers, Y)
    assert (cleaner.n_neighbors, cleaner.sampling_strategy) == (2, "auto")
    assert (theirs.k_neighbors, theirs.sampling_strategy) == (2, 0.7)
    several = lined_up(FEATURES, Y, ours[:1], grid={"k_neighbors": [3, 5]}).contenders[5:]
    assert [contender.run.resampler.smote.k_neighbors for contender in several] == [3, 5]
    assert ours[0].smote.k_neighbors == 7  # what the user holds is as it was


def test_a_grid_for_neighbors_keeps_the_strategy_of_a_combination():
    given = SMOTETomek(sampling_strategy=0.6, random_state=0)
    (found,) = lined_up(FEATURES, Y, [given], grid={"k_neighbors": [2]}).contenders[5:]
    inner = found.run.resampler.smote
    assert (inner.k_neighbors, inner.sampling_strategy) == (2, 0.6)
    found.run.resampler.fit_resample(FEATURES.numbers, Y)


@pytest.mark.parametrize("name", ["smote-enn", "smote-tomek", "smote-ipf"])
def test_a_combination_by_name_takes_neighbors_and_a_strategy(name):
    made = make_resampler(name, k=2, sampling_strategy=0.6, seed=0)
    made.fit_resample(FEATURES.numbers, Y)
    wanted = round(0.6 * (Y == 0).sum()) - (Y == 1).sum()
    assert made.sampling_strategy_ == {1: pytest.approx(wanted, abs=1)}
    assert made.smote_.k_neighbors == 2


def test_categorical_columns_turn_smote_into_smotenc():
    found = lined_up(PEOPLE, SICK, ["SMOTE", "random-under"], grid={"k_neighbors": [3]})
    assert [contender.name for contender in found.contenders[5:]] == [
        "SMOTENC(k_neighbors=3)",
        "RandomUnderSampler",
    ]
    assert found.contenders[5].run.resampler.categorical_features == [1, 3]


@pytest.mark.parametrize("given", ["auto", ["city", "smoker"], [1, 3], [False, True, False, True]])
def test_smotenc_names_columns_of_the_table(given):
    (contender,) = lined_up(PEOPLE, SICK, [SMOTENC(given)]).contenders[5:]
    assert contender.run.resampler.categorical_features == [1, 3]


class Neighbours(imblearn.over_sampling.SMOTE):
    """A resampler that nobody knows."""


def test_unknown_resampler_on_categories_is_taken_with_a_warning():
    with pytest.warns(DataWarning, match="sees the categories of columns \\['city', 'smoker'\\] as the num"):
        assert names([Neighbours()], features=PEOPLE, y=SICK) == ["Neighbours"]


def test_strategy_by_class_goes_by_the_labels():
    strategy = {"sick": 90}
    found = lined_up(FEATURES, Y, [SMOTE(sampling_strategy=strategy)], classes=["healthy", "sick"])
    assert found.contenders[-1].name == "SMOTE(sampling_strategy={'sick': 90})"


def test_texts_hold_what_results_depend_on():
    one = by_name(lined_up(FEATURES, Y, ["SMOTE"], TorchModel(steps=5)))
    other = by_name(lined_up(FEATURES, Y, ["SMOTE"], TorchModel(steps=6)))
    assert not {row.text for row in one.values()} & {row.text for row in other.values()}
    assert len({row.text for row in one.values()}) == len(one)
    again = by_name(lined_up(FEATURES, Y, ["SMOTE"], TorchModel(steps=5)))
    assert [row.text for row in again.values()] == [row.text for row in one.values()]
    # A run that is resumed may have other methods beside one, and so another name for it.
    apart = lined_up(FEATURES, Y, ["SMOTE", imblearn.over_sampling.SMOTE()], TorchModel(steps=5))
    assert by_name(apart)["torchsmote.SMOTE"].text == one["SMOTE"].text
    asked = lined_up(FEATURES, Y, ["random-over"])
    assert by_name(asked)["RandomOverSampler"].text != by_name(asked)["random over-sampling"].text
    ours, theirs = lined_up(FEATURES, Y, [SMOTE(), imblearn.over_sampling.SMOTE()]).contenders[5:]
    assert ours.text != theirs.text


def test_text_of_a_function_changes_with_its_source_and_what_it_closes_over():
    def sized(width):
        return lambda n_features, n_classes: nn.Linear(n_features, width)

    one, other = sized(1), sized(2)
    assert function_text(one) == function_text(sized(1)) != function_text(other)
    assert function_text(one).startswith("test_text_of_a_function")
    assert " at 0x" not in function_text(one)
    assert function_text(nn.Linear).startswith("Linear ")


def test_text_of_a_function_changes_with_the_settings_it_reads(monkeypatch):
    def sized(n_features, n_classes):
        return nn.Sequential(nn.Linear(n_features, WIDTH), nn.Linear(WIDTH, n_classes))

    before = function_text(sized)
    assert function_text(sized) == before
    monkeypatch.setattr(sys.modules[__name__], "WIDTH", 4)
    assert function_text(sized) != before


@dataclass
class Widths:
    hidden: int = 3

    def build(self, n_features, n_classes):
        return nn.Linear(n_features, self.hidden)

    def __call__(self, n_features, n_classes):
        return nn.Linear(n_features, self.hidden)


def typed(text):
    """A function whose source nobody can read, as at a prompt."""
    names = {"nn": nn, "__name__": "prompt"}
    exec(text, names)
    return names["build"]


def closing_over(value):
    return lambda n_features, n_classes: value(n_features, n_classes)


@pytest.mark.parametrize(
    "of",
    [
        lambda width: lambda n_features, n_classes, w=width: nn.Linear(n_features, w),
        lambda width: lambda n_features, n_classes, *, w=width: nn.Linear(n_features, w),
        lambda width: Widths(width),
        lambda width: Widths(width).build,
        lambda width: closing_over(Widths(width)),
        lambda width: closing_over(lambda n_features, n_classes, w=width: nn.Linear(n_features, w)),
        lambda width: typed(f"def build(n_features, n_classes):\n    return nn.Linear(n_features, {width})"),
        lambda width: typed(
            f"net = lambda n: nn.Linear(n, {width})\n"
            "def build(n_features, n_classes):\n    return net(n_features)"
        ),
        lambda width: typed(
            f"class Net(nn.Linear):\n    width = {width}\n"
            "def build(n_features, n_classes):\n    return Net(n_features, Net.width)"
        ),
    ],
    ids=["default", "keyword", "object", "method", "closure", "function", "prompt", "helper", "class"],
)
def test_text_of_a_function_changes_with_what_it_goes_by(of):
    assert function_text(of(2)) == function_text(of(2)) != function_text(of(3))
    assert " at 0x" not in function_text(of(2))


def test_text_of_a_function_that_calls_itself_ends():
    def build(n_features, n_classes):
        return nn.Linear(n_features, n_classes) if n_classes < 3 else build(n_features, n_classes - 1)

    assert function_text(build) == function_text(build)


def test_text_of_a_classifier_changes_with_its_folds():
    def searched(n_splits):
        model = GridSearchCV(LogisticRegression(), {"C": [1, 2]}, cv=StratifiedKFold(n_splits))
        return lined_up(FEATURES, Y, (), model).model

    assert searched(3) == searched(3) != searched(4)


def test_contenders_are_picklable_and_say_the_model():
    found = lined_up(FEATURES, Y, ["SMOTE", "EasyEnsemble"], LogisticRegression(C=0.5))
    assert found.model == "LogisticRegression(C=0.5)"
    assert [row.text for row in pickle.loads(pickle.dumps(found.contenders))] == [
        row.text for row in found.contenders
    ]
    assert lined_up(FEATURES, Y, (), None).model.startswith("TorchModel(hidden=(64, 32)")


@pytest.mark.parametrize(
    ("model", "kept"),
    [
        (LogisticRegression(), True),
        (HistGradientBoostingClassifier(), True),
        (make_pipeline(PolynomialFeatures(), LogisticRegression()), True),
        (KNeighborsClassifier(), False),
        (make_pipeline(PolynomialFeatures(), KNeighborsClassifier()), False),
        (CalibratedClassifierCV(LinearSVC()), True),
    ],
    ids=["logistic", "boosting", "pipeline", "neighbours", "pipeline of neighbours", "calibrated"],
)
def test_class_weights_are_left_out_where_a_model_takes_none(model, kept):
    found = lined_up(FEATURES, Y, (), model)
    assert ("class weights" in by_name(found)) is kept
    reason = {"class weights": "KNeighborsClassifier takes neither class_weight nor sample_weight"}
    assert found.left_out == ({} if kept else reason)


class Silent:
    """Has fit_resample, and nothing else of an estimator."""

    def fit_resample(self, X, y):
        return X, y


@pytest.mark.parametrize(
    ("methods", "error", "words"),
    [
        ("SMOTE", TypeError, r"`methods` must be a list, such as \[\"SMOTE\"\]"),
        (SMOTE(), TypeError, "`methods` must be a list"),
        (["smoot"], ValueError, "`methods`: no method is called 'smoot'; did you mean SMOTE.*EasyEnsemble"),
        ([SMOTE], TypeError, r"`methods` must hold objects, got the class SMOTE; add \(\)"),
        ([LogisticRegression()], TypeError, "LogisticRegression has no fit_resample.*goes into `model`"),
        ([7], TypeError, "int has no fit_resample, so it is no resampler$"),
        ([Silent()], TypeError, "Silent must be a scikit-learn estimator"),
        (["SMOTE", "smote"], ValueError, "`methods` holds .*SMOTE twice"),
        ([SMOTE(), SMOTE()], ValueError, "`methods` holds .*SMOTE twice"),
        ([SMOTE(k_neighbors=0)], ValueError, "`methods`: SMOTE.*k_neighbors"),
        ([SMOTE(sampling_strategy=0.1)], ValueError, "`methods`: SMOTE.*adds no row.*give a ratio above"),
        ([RandomUnderSampler(sampling_strategy=0.1)], ValueError, "removes no row"),
        ([imblearn.over_sampling.SMOTE(sampling_strategy=0.1)], ValueError, "`methods`: SMOTE.*ratio"),
        ([SMOTE(random_state=np.random.RandomState(0))], TypeError, "random_state=RandomState; give an int"),
        (
            [make_imblearn_pipeline(SMOTE(random_state=np.random.RandomState(0)), TomekLinks())],
            TypeError,
            "smote__random_state=RandomState",
        ),
        (
            [SMOTE(sampling_strategy={7: 99})],
            ValueError,
            r"names the class 7, but `y` has the classes \[0, 1\]",
        ),
        (["zzz"], ValueError, "called 'zzz'. Known are"),
        ([SMOTENC("auto")], ValueError, "SMOTENC is for tables with categorical columns"),
        (
            [SMOTEENN(smote=SMOTE(), sampling_strategy=0.5)],
            ValueError,
            "`methods`: .*sampling_strategy=0.5 has no effect beside `smote`",
        ),
        ([SMOTEENN(smote=SMOTE(sampling_strategy=0.1))], ValueError, "`methods`: SMOTEENN.*adds no row"),
        (["SMOTENC"], ValueError, "without any, use SMOTE$"),
        ([SMOTER()], TypeError, "SMOTER is for other targets than one class a row"),
        ([make_imblearn_pipeline(PCA(2), SMOTE())], ValueError, "step 'pca' of the pipeline changes columns"),
    ],
    ids=lambda value: str(value)[:20] if isinstance(value, str) else "",
)
def test_bad_methods_are_refused(methods, error, words):
    with pytest.raises(error, match=words):
        lined_up(FEATURES, Y, methods)


@pytest.mark.parametrize(
    ("method", "words"),
    [
        ("adasyn", "`methods`: ADASYN mixes or measures numbers"),
        (SMOTE(), r"`methods`: SMOTE mixes .* columns \['city', 'smoker'\] .*give SMOTENC"),
        (SMOTENC(["city"]), r"would interpolate the categories of columns \['smoker'\]"),
        (SMOTENC(["town"]), "names the column 'town'"),
    ],
    ids=["name", "object", "too few", "unknown"],
)
def test_methods_that_would_interpolate_categories_are_refused(method, words):
    with pytest.raises(ValueError, match=words):
        lined_up(PEOPLE, SICK, [method])


@pytest.mark.parametrize(
    ("grid", "error", "words"),
    [
        ([3, 5], TypeError, "`grid` must be a dict"),
        ({"k": [3]}, ValueError, "`grid` has no argument 'k'; it takes k_neighbors and sampling_strategy"),
        ({"k_neighbors": 3}, TypeError, r"k_neighbors must be a list of values, such as \[3\]"),
        ({"sampling_strategy": "auto"}, TypeError, "sampling_strategy must be a list"),
        ({"k_neighbors": []}, ValueError, "k_neighbors is an empty list"),
        ({"k_neighbors": [3], "n_neighbors": [5]}, ValueError, "names k_neighbors twice"),
        ({"k_neighbors": [0]}, ValueError, "`methods`: SMOTE.k_neighbors=0"),
        ({"sampling_strategy": [0.5, 0.01]}, ValueError, "0.01.*give a ratio above"),
    ],
    ids=["list", "unknown", "number", "text", "empty", "alias", "range", "ratio"],
)
def test_bad_grids_are_refused(grid, error, words):
    with pytest.raises(error, match=words):
        lined_up(FEATURES, Y, ["SMOTE"], grid=grid)


def test_a_grid_for_nobody_is_refused():
    with pytest.raises(ValueError, match="k_neighbors, which none of the `methods` has"):
        lined_up(FEATURES, Y, ["random-over"], grid={"k_neighbors": [3]})


@pytest.mark.parametrize(
    ("model", "error", "words"),
    [
        (LogisticRegression, TypeError, r"got the class LogisticRegression; add \(\)"),
        (SVC(), TypeError, "SVC has no predict_proba; wrap it: CalibratedClassifierCV"),
        (LinearRegression(), TypeError, "LinearRegression has no predict_proba$"),
        (nn.Linear(4, 2), TypeError, "a function that builds a fresh Linear for every fold"),
        ("mlp", TypeError, "`model` must be None, a scikit-learn classifier, a TorchModel, or a function"),
        (
            LogisticRegression(random_state=np.random.RandomState(0)),
            TypeError,
            "`model`: LogisticRegression has random_state=RandomState",
        ),
        (lambda n_features: nn.Linear(n_features, 2), TypeError, "called as model.n_features, n_classes"),
        (lambda n_features, n_classes: "net", TypeError, "must return an nn.Module, got str"),
        (
            lambda n_features, n_classes: nn.Linear(n_features, 3),
            ValueError,
            r"\(2, 2\) or \(2,\) or \(2, 1\)",
        ),
        (lambda n_features, n_classes: nn.Linear(9, 2), ValueError, r"cannot take rows of shape \(2, 4\)"),
        (
            lambda n_features, n_classes: nn.Bilinear(4, 4, 2),
            ValueError,
            "cannot take rows.*missing 1 required",
        ),
        (lambda n_features, n_classes: SHARED, ValueError, "`model` must build a fresh module at each call"),
        (
            lambda n_features, n_classes: nn.Sequential(SHARED, nn.Linear(2, n_classes)),
            ValueError,
            "`model` must build a fresh module at each call",
        ),
        (
            lambda n_features, n_classes: nn.Sequential(MEANS, nn.Linear(n_features, n_classes)),
            ValueError,
            "two calls returned the same parameters or buffers",
        ),
        (
            lambda n_features, n_classes: nn.Linear(n_features, n_classes).requires_grad_(False),
            ValueError,
            "`model` builds has no parameter to train",
        ),
        (
            LogisticRegression(class_weight={1: 1, 2: 5}),
            ValueError,
            r"`model`: class_weight names the class 2, but `y` has the classes \[0, 1\]",
        ),
    ],
    ids=[
        *("class", "svc", "regressor", "module", "text", "state", "signature", "return", "outputs", "inputs"),
        *("forward", "shared", "shared part", "shared means", "frozen", "weights"),
    ],
)
def test_bad_models_are_refused_before_any_work(model, error, words):
    with pytest.raises(error, match=words):
        lined_up(FEATURES, Y, ["SMOTE"], model)


def test_a_frozen_part_may_be_shared():
    """As an embedding that was trained elsewhere."""
    lined_up(FEATURES, Y, (), lambda n_features, n_classes: nn.Sequential(FROZEN, nn.Linear(3, n_classes)))


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"steps": True}, ValueError, "`steps` must be a whole number"),
        ({"learning_rate": "fast"}, TypeError, "`learning_rate` must be a number, got 'fast'"),
        ({"weight_decay": None}, TypeError, "`weight_decay` must be a number"),
        ({"hidden": 64}, ValueError, "`hidden` must be one or more widths .*got 64"),
        ({"hidden": "64"}, ValueError, "`hidden` must be one or more widths"),
        ({"hidden": (6.5,)}, ValueError, "`hidden` must be one or more widths"),
        ({"steps": 0}, ValueError, "`steps` must be a whole number of at least 1, got 0"),
        ({"batch_size": 1.5}, ValueError, "`batch_size` must be a whole number"),
        ({"learning_rate": 0}, ValueError, "`learning_rate` must be above 0"),
        ({"weight_decay": -1}, ValueError, "`weight_decay` must be at least 0"),
        ({"hidden": ()}, ValueError, "`hidden` must be one or more widths"),
        ({"build": nn.Linear(2, 2)}, TypeError, "`build` must be a function"),
        (
            {"build": nn.Linear, "hidden": (8,)},
            ValueError,
            "`hidden` is for the network that is built without",
        ),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_torch_model_refuses_bad_settings(arguments, error, words):
    with pytest.raises(error, match=words):
        TorchModel(**arguments)


def test_settings_of_numpy_are_those_of_python():
    given = TorchModel(hidden=np.array([8, 4]), steps=np.int64(5), learning_rate=np.float64(0.01))
    assert given == TorchModel(hidden=(8, 4), steps=5, learning_rate=0.01)
    assert given.text == TorchModel(hidden=(8, 4), steps=5, learning_rate=0.01).text


def test_identifiers_are_no_categories():
    n = len(SICK)
    people = replace(PEOPLE, codes=np.tile(np.arange(n)[:, None], 2), n_categories=(5000, n))
    with pytest.raises(ValueError, match="column 'city' has 5,000 different values, more than the 1,000"):
        lined_up(people, SICK)


def test_ensembles_need_imbalanced_learn(monkeypatch):
    monkeypatch.setitem(sys.modules, "imblearn.ensemble", None)
    with pytest.raises(
        ImportError, match=r"EasyEnsemble is imbalanced-learn's.*pip install imbalanced-learn"
    ):
        lined_up(FEATURES, Y, ["easy-ensemble"], QUICK)
