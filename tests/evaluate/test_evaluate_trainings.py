"""Training on a fold: nothing of the test part leaks, and the same seed gives the same predictions."""

import pickle
from dataclasses import replace

import imblearn.ensemble
import imblearn.over_sampling
import numpy as np
import pytest
import torch
from imblearn.pipeline import make_pipeline as make_imblearn_pipeline
from line_up_cases import METRICS, QUICK, by_name, fold, lined_up, people, table
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.class_weight import compute_sample_weight
from torch import nn

from torchsmote import SMOTE, DeepSMOTE, FewSamplesWarning, KMeansSMOTE, RandomOverSampler, TomekLinks
from torchsmote.evaluate import TorchModel
from torchsmote.evaluate.calibration.decision import tune_decision
from torchsmote.evaluate.comparison.inner_folds import inner_splits
from torchsmote.evaluate.comparison.measurements import BASELINE
from torchsmote.evaluate.comparison.models import Assignment
from torchsmote.evaluate.comparison.preparation import encoded_width, prepare
from torchsmote.evaluate.features import read_features

FEATURES, Y = table()
SPLIT = fold(FEATURES, Y)
PEOPLE, SICK = people()
CLINIC = fold(PEOPLE, SICK)
MANY, KINDS = table(180, (0.6, 0.25, 0.15))
THREE = fold(MANY, KINDS)


def small_net(n_features, n_classes):
    """Draws weights, dropout and all, from the global generator."""
    return nn.Sequential(nn.Linear(n_features, 8), nn.ReLU(), nn.Dropout(0.2), nn.Linear(8, n_classes))


def one_logit(n_features, n_classes):
    return nn.Sequential(nn.BatchNorm1d(n_features), nn.Linear(n_features, 1), nn.Flatten(0))


MODELS = {
    "mlp": QUICK,
    "builder": TorchModel(small_net, steps=20, batch_size=32),
    "logistic": LogisticRegression(),
    "boosting": GradientBoostingClassifier(n_estimators=5),
    "histogram boosting": HistGradientBoostingClassifier(max_iter=5),
    "forest": RandomForestClassifier(n_estimators=5),
    "pipeline": make_pipeline(StandardScaler(), LogisticRegression()),
}


def run(contender, split=SPLIT, keep_rows=False):
    return contender.run(split, METRICS, keep_rows)


def rows_of(name, methods=(), model=QUICK, split=SPLIT, keep_rows=False):
    return run(by_name(lined_up(split.train, split.y, methods, model))[name], split, keep_rows)


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_every_model_trains_every_contender_and_repeats(model):
    found = lined_up(FEATURES, Y, ["SMOTE"], model)
    assert len(found.contenders) == 6
    for contender in pickle.loads(pickle.dumps(found.contenders)):
        predictions = run(contender)
        p = predictions.probabilities
        assert p.shape == (len(SPLIT.test), 2)
        assert p.dtype == np.float64
        np.testing.assert_allclose(p.sum(1), 1, rtol=1e-6)
        assert np.ptp(p) > 0
        again = run(contender)
        np.testing.assert_array_equal(again.probabilities, p)
        assert {name: codes.tolist() for name, codes in again.decisions.items()} == {
            name: codes.tolist() for name, codes in predictions.decisions.items()
        }
    other = run(found.contenders[3], replace(SPLIT, seed=4)).probabilities
    assert not np.array_equal(other, run(found.contenders[3]).probabilities)


@pytest.mark.parametrize("model", [QUICK, LogisticRegression(), MODELS["builder"]], ids=["mlp", "lr", "net"])
def test_three_classes(model):
    for contender in lined_up(MANY, KINDS, ["SMOTE", "smoteenn"], model).contenders:
        predictions = run(contender, THREE)
        assert predictions.probabilities.shape == (len(THREE.test), 3)
        np.testing.assert_allclose(predictions.probabilities.sum(1), 1, rtol=1e-6)
        assert predictions.threshold is None
        assert set(predictions.decisions[""].tolist()) <= {0, 1, 2}


def test_one_logit_is_that_of_the_second_class():
    model = TorchModel(one_logit, steps=150, batch_size=32, learning_rate=0.05)
    p = rows_of("nothing", model=model).probabilities
    test_y = Y[len(SPLIT.y) :]
    assert p[test_y == 1, 1].mean() > 0.2 + p[test_y == 0, 1].mean()


def test_training_never_sees_the_test_part():
    """Poisoned test rows change predictions for themselves alone."""
    poison = replace(SPLIT.test, numbers=SPLIT.test.numbers.copy())
    poison.numbers[1:] = 1e6
    for contender in lined_up(FEATURES, Y, ["SMOTE", "tomek"]).contenders:
        clean, poisoned = run(contender), run(contender, replace(SPLIT, test=poison))
        np.testing.assert_allclose(poisoned.probabilities[0], clean.probabilities[0], rtol=1e-6)
        assert poisoned.threshold == clean.threshold
        assert not np.allclose(poisoned.probabilities[1:], clean.probabilities[1:])


def test_scales_are_those_of_the_training_part():
    preparation = prepare(SPLIT.train)
    train = SPLIT.train.numbers
    np.testing.assert_allclose(preparation.scaled(SPLIT.train).mean(0), 0, atol=1e-7)
    wanted = (SPLIT.test.numbers - train.mean(0)) / train.std(0)
    np.testing.assert_allclose(preparation.scaled(SPLIT.test), wanted, rtol=1e-4, atol=1e-5)


def test_columns_without_a_finite_variance_are_named():
    huge = replace(SPLIT.train, numbers=SPLIT.train.numbers.astype(np.float64) * [1, 1e200, 1, 1])
    with pytest.raises(ValueError, match="`X`: the squares of column 'column 1' are beyond float64"):
        prepare(huge)


def test_a_tie_goes_to_the_rarer_class_however_it_is_called():
    model = Odd((0.5, 0.5))
    for rarer in (0, 1):
        split = replace(SPLIT, y=SPLIT.y if rarer else 1 - SPLIT.y, rarer=rarer)
        assert set(rows_of("nothing", model=model, split=split).decisions[""]) == {rarer}
    assert set(rows_of("nothing", model=Odd((0.4, 0.3, 0.3)), split=THREE).decisions[""]) == {0}


def test_constant_columns_are_zero():
    X = np.column_stack([np.arange(20.0), np.full(20, 0.1), np.full(20, 1e9)])
    rows = prepare(read_features(X)).scaled(read_features(X))
    np.testing.assert_array_equal(rows[:, 1:], 0)
    other = read_features(np.column_stack([np.arange(20.0), np.full(20, 7.0), np.full(20, 1e12)]))
    np.testing.assert_array_equal(prepare(read_features(X)).scaled(other)[:, 1:], 0)


class Spy(BaseEstimator):
    """Hands rows on, and remembers what it saw."""

    seen: list = []  # noqa: RUF012

    def fit_resample(self, X, y):
        self.seen.append((X.copy(), np.asarray(y).copy()))
        return X, y


def test_resamplers_see_the_scaled_training_part_with_its_labels():
    Spy.seen.clear()
    found = lined_up(FEATURES, Y, [Spy()], LogisticRegression(), classes=["healthy", "sick"])
    predictions = run(found.contenders[-1])
    ((X, y),) = Spy.seen
    np.testing.assert_array_equal(X, prepare(SPLIT.train).scaled(SPLIT.train))
    assert y.tolist() == np.array(["healthy", "sick"])[SPLIT.y].tolist()
    wanted = rows_of("nothing", model=LogisticRegression()).probabilities
    np.testing.assert_array_equal(predictions.probabilities, wanted)


def test_resamplers_see_categories_as_codes_in_the_order_of_the_table():
    Spy.seen.clear()
    with pytest.warns(UserWarning, match="Spy sees"):
        found = lined_up(PEOPLE, SICK, [Spy()])
    run(found.contenders[-1], CLINIC)
    ((X, _),) = Spy.seen
    np.testing.assert_array_equal(X[:, [1, 3]], CLINIC.train.codes)
    np.testing.assert_allclose(X[:, [0, 2]].std(0), 1)


@pytest.mark.parametrize("model", [QUICK, LogisticRegression(), HistGradientBoostingClassifier(max_iter=5)])
def test_categorical_tables(model):
    for contender in lined_up(PEOPLE, SICK, ["SMOTE", "smoten", "BalancedRandomForest"], model).contenders:
        predictions = run(contender, CLINIC, keep_rows=True)
        assert np.isfinite(predictions.probabilities).all()
        if contender.name in ("SMOTENC", "SMOTEN"):
            real, _, made, labels = predictions.synthetic
            assert made.shape[1] == real.shape[1] == encoded_width(PEOPLE) == 7
            np.testing.assert_array_equal(made[:, 2:5].sum(1), 1)  # one-hot: votes, no mixtures
            assert set(made[:, 2:].ravel().tolist()) == {0.0, 1.0}
            assert set(labels.tolist()) == {1}


def test_all_columns_categorical():
    features = replace(
        PEOPLE,
        numbers=PEOPLE.numbers[:, :0],
        names=("city", "smoker"),
        categorical=(0, 1),
    )
    split = fold(features, SICK)
    found = lined_up(features, SICK, ["SMOTE"], LogisticRegression())
    assert found.contenders[-1].name == "SMOTEN"
    assert np.ptp(run(found.contenders[-1], split).probabilities) > 0


def test_a_category_that_the_training_part_lacks_has_its_column():
    codes = CLINIC.train.codes.copy()
    codes[:, 0] = np.minimum(codes[:, 0], 1)
    split = replace(CLINIC, train=replace(CLINIC.train, codes=codes))
    assert np.isfinite(rows_of("nothing", split=split).probabilities).all()


def test_synthetic_rows_are_kept_when_asked_for():
    assert rows_of("SMOTE", ["SMOTE"]).synthetic is None
    real, y, made, labels = rows_of("SMOTE", ["SMOTE"], keep_rows=True).synthetic
    counts = np.bincount(SPLIT.y)
    assert (len(real), len(made)) == (len(SPLIT.y), counts[0] - counts[1])
    np.testing.assert_array_equal(y, SPLIT.y)
    assert set(labels.tolist()) == {1}
    assert not {row.tobytes() for row in made} & {row.tobytes() for row in real}
    for name in ("nothing", "random over-sampling", "random under-sampling"):
        assert rows_of(name, keep_rows=True).synthetic is None


def test_rows_trained_on_are_counted():
    few, many = sorted(np.bincount(SPLIT.y).tolist())
    every = {
        "nothing": many + few,
        BASELINE: many + few,
        "class weights": many + few,
        "random over-sampling": 2 * many,
        "random under-sampling": 2 * few,
    }
    assert {name: rows_of(name).n_train for name in every} == every


@pytest.mark.parametrize("model", [QUICK, LogisticRegression()], ids=["mlp", "lr"])
@pytest.mark.parametrize("split", [SPLIT, THREE], ids=["two classes", "three classes"])
def test_a_tuned_threshold_decides_anew_on_the_same_probabilities(model, split):
    plain, tuned = (rows_of(name, model=model, split=split) for name in ("nothing", BASELINE))
    np.testing.assert_array_equal(tuned.probabilities, plain.probabilities)
    assert set(plain.decisions) == {""}
    np.testing.assert_array_equal(plain.decisions[""], plain.probabilities.argmax(1))
    assert set(tuned.decisions) == {"", "f1", "mcc"}  # those of METRICS that a threshold is tuned for
    np.testing.assert_array_equal(tuned.decisions[""], tuned.decisions["f1"])
    if split.rarer is not None:
        above = tuned.probabilities[:, split.rarer] >= tuned.threshold
        np.testing.assert_array_equal(tuned.decisions[""] == split.rarer, above)
        assert plain.threshold == 0.5 != tuned.threshold


def test_thresholds_are_tuned_on_rows_that_were_held_out():
    """The slow way: train by hand on what each inner fold leaves, and tune on the rest."""
    found = by_name(lined_up(FEATURES, Y, (), LogisticRegression()))
    parts = inner_splits(SPLIT, 3)
    assert len(parts) == 3
    held = np.concatenate([rows for _, rows in parts])
    assert sorted(held.tolist()) == list(range(len(SPLIT.y)))
    p = []
    for _, rows in parts:
        rest = np.setdiff1d(np.arange(len(SPLIT.y)), rows)
        scaler = StandardScaler().fit(SPLIT.train.numbers[rest])
        model = LogisticRegression().fit(scaler.transform(SPLIT.train.numbers[rest]), SPLIT.y[rest])
        p.append(model.predict_proba(scaler.transform(SPLIT.train.numbers[rows])))
    wanted = tune_decision("f1", SPLIT.y[held], np.concatenate(p), 1).threshold
    assert run(found[BASELINE]).threshold == pytest.approx(wanted)


def test_inner_folds_keep_groups_whole():
    groups = np.arange(len(Y)) // 5
    split = fold(FEATURES, Y, groups=groups)
    parts = inner_splits(split, 3)
    for inner, rows in parts:
        assert not set(split.groups[rows].tolist()) & set(inner.groups.tolist())
    assert len(parts) == 3


def test_few_rows_make_fewer_inner_folds_and_one_row_none():
    keep = np.r_[np.flatnonzero(SPLIT.y == 0)[:20], np.flatnonzero(SPLIT.y == 1)[:2]]
    few = replace(SPLIT, train=SPLIT.train.take(keep), y=SPLIT.y[keep])
    assert len(inner_splits(few, 3)) == 2
    single = replace(SPLIT, train=SPLIT.train.take(keep[:-1]), y=SPLIT.y[keep[:-1]])
    with pytest.warns(FewSamplesWarning, match="no threshold was tuned"):
        tuned = rows_of(BASELINE, model=LogisticRegression(), split=single)
    assert tuned.threshold == 0.5
    assert set(tuned.decisions) == {""}


def test_no_threshold_is_tuned_where_groups_leave_a_class_in_one_inner_fold():
    sizes = [(7, 6), (3, 1), (6, 0)]  # whose rare rows are all on one side of the two inner folds
    keep = np.concatenate([np.flatnonzero(SPLIT.y == code)[:16] for code in (0, 1)])[:23]
    y = np.concatenate([np.repeat((0, 1), size) for size in sizes])
    groups = np.repeat(np.arange(3), [sum(size) for size in sizes])
    few = replace(SPLIT, train=SPLIT.train.take(keep), y=y, groups=groups)
    with pytest.warns(FewSamplesWarning, match="no threshold was tuned"):
        tuned = rows_of(BASELINE, model=LogisticRegression(), split=few)
    assert set(tuned.decisions) == {""}


def test_class_weights_are_balanced():
    """Where fit takes only weights of rows, and where there is a parameter, the result is scikit-learn's."""
    X, test = (prepare(SPLIT.train).scaled(part) for part in (SPLIT.train, SPLIT.test))
    weights = compute_sample_weight("balanced", SPLIT.y)
    by_parameter = LogisticRegression(class_weight="balanced").fit(X, SPLIT.y).predict_proba(test)
    boosting = GradientBoostingClassifier(n_estimators=5, random_state=SPLIT.seed)
    by_rows = boosting.fit(X, SPLIT.y, sample_weight=weights).predict_proba(test)
    for model, wanted in (
        (LogisticRegression(), by_parameter),
        (make_pipeline("passthrough", LogisticRegression()), by_parameter),
        (GradientBoostingClassifier(n_estimators=5), by_rows),
        (make_pipeline("passthrough", GradientBoostingClassifier(n_estimators=5)), by_rows),
    ):
        found = rows_of("class weights", model=model).probabilities
        np.testing.assert_allclose(found, wanted)
        assert not np.allclose(found, rows_of("nothing", model=model).probabilities)


def test_class_weights_of_a_network_weigh_as_repeated_rows_do():
    rare, common = np.flatnonzero(SPLIT.y == 1)[:10], np.flatnonzero(SPLIT.y == 0)[:40]
    keep, repeated = np.r_[common, rare], np.r_[common, np.repeat(rare, 4)]
    model = TorchModel(hidden=(4,), steps=100, batch_size=80, learning_rate=0.02)
    X = prepare(SPLIT.train).scaled(SPLIT.train)

    def mean_of_rare(rows, balanced):
        given = Assignment(X[rows], SPLIT.y[rows], X, n_classes=2, seed=0, balanced=balanced)
        return model.probabilities(given)[:, 1].mean()

    weighted, more, plain = mean_of_rare(keep, True), mean_of_rare(repeated, False), mean_of_rare(keep, False)
    assert weighted == pytest.approx(more, abs=0.05)
    assert weighted > plain + 0.1


def test_class_weights_do_not_depend_on_which_batch_has_the_rare_rows():
    """Of rows that say nothing both classes are as probable, though many a batch has no rare row."""
    X, y = np.zeros((160, 4), np.float32), np.repeat([0, 1], [152, 8])
    model = TorchModel(hidden=(4,), steps=400, batch_size=20, learning_rate=0.02, weight_decay=0)
    p = model.probabilities(Assignment(X, y, X[:1], n_classes=2, seed=0, balanced=True))
    assert p[0, 1] == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("build", [small_net, one_logit], ids=["dropout", "batch norm"])
def test_networks_predict_each_row_on_its_own(build):
    rows = prepare(SPLIT.train).scaled(SPLIT.train)
    model = TorchModel(build, steps=5, batch_size=32)
    every, few = (
        model.probabilities(Assignment(rows, SPLIT.y, test, n_classes=2, seed=0)) for test in (rows, rows[:7])
    )
    np.testing.assert_allclose(few, every[:7], atol=1e-6)


def test_small_tables_are_cut_into_eight_batches():
    X = np.random.default_rng(0).normal(size=(160, 4)).astype(np.float32)
    given = Assignment(X, np.repeat([0, 1], 80), X, n_classes=2, seed=0)
    full, eighth, less = (
        TorchModel(hidden=(4,), steps=9, batch_size=size).probabilities(given) for size in (256, 20, 19)
    )
    np.testing.assert_array_equal(full, eighth)
    assert not np.array_equal(full, less)


def test_class_weights_by_label_go_to_the_right_class():
    heavy = {"healthy": 1.0, "sick": 50.0}
    named = lined_up(FEATURES, Y, (), LogisticRegression(class_weight=heavy), classes=["healthy", "sick"])
    by_position = lined_up(FEATURES, Y, (), LogisticRegression(class_weight={0: 1.0, 1: 50.0}))
    one, other = (run(found.contenders[0]).probabilities for found in (named, by_position))
    np.testing.assert_array_equal(one, other)
    assert one[:, 1].mean() > 0.2 + rows_of("nothing", model=LogisticRegression()).probabilities[:, 1].mean()


def test_seeds_come_from_the_fold_unless_the_user_set_them():
    found = lined_up(FEATURES, Y, [SMOTE(), SMOTE(random_state=1, k_neighbors=3)], LogisticRegression())
    loose, fixed = found.contenders[5:]

    def moved(contender):
        one, other = (
            run(contender, replace(SPLIT, seed=seed), keep_rows=True).synthetic[2] for seed in (1, 2)
        )
        return not np.array_equal(one, other)

    assert moved(loose)
    assert not moved(fixed)
    wanted = SMOTE(random_state=SPLIT.seed).fit_resample(prepare(SPLIT.train).scaled(SPLIT.train), SPLIT.y)[0]
    np.testing.assert_array_equal(run(loose, keep_rows=True).synthetic[2], wanted[len(SPLIT.y) :])


def test_seeds_reach_estimators_inside_others():
    chain = make_imblearn_pipeline(SMOTE(), RandomOverSampler())
    (contender,) = lined_up(FEATURES, Y, [chain], LogisticRegression()).contenders[5:]
    np.testing.assert_array_equal(run(contender).probabilities, run(contender).probabilities)


def test_networks_start_alike_whatever_a_resampler_draws():
    """Where a resampler changes nothing, the predictions are those of nothing, to the bit."""
    untouched = fold(FEATURES.take(np.arange(30)), Y[:30])
    model = MODELS["builder"]
    plain, cleaned = (rows_of(name, ["tomek"], model, untouched) for name in ("nothing", "TomekLinks"))
    if cleaned.n_train == plain.n_train:
        np.testing.assert_array_equal(cleaned.probabilities, plain.probabilities)
    Spy.seen.clear()
    found = by_name(lined_up(FEATURES, Y, [Spy()], model))
    np.testing.assert_array_equal(run(found["Spy"]).probabilities, run(found["nothing"]).probabilities)


def test_inputs_stay_as_they_are():
    before, model = SPLIT.train.numbers.copy(), LogisticRegression()
    for contender in lined_up(FEATURES, Y, ["SMOTE"], model).contenders:
        run(contender)
    np.testing.assert_array_equal(SPLIT.train.numbers, before)
    assert not hasattr(model, "coef_")
    assert model.get_params() == LogisticRegression().get_params()


def test_results_do_not_depend_on_threads():
    before = torch.get_num_threads()
    found = [by_name(lined_up(FEATURES, Y, (), model))["nothing"] for model in MODELS.values()]
    try:
        torch.set_num_threads(2)
        two = [run(contender).probabilities for contender in found]
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
    for contender, wanted in zip(found, two, strict=True):
        np.testing.assert_array_equal(run(contender).probabilities, wanted)


def test_an_error_of_a_resampler_names_it_and_a_way_out():
    found = by_name(
        lined_up(FEATURES, Y, [SMOTE(k_neighbors=60), KMeansSMOTE(cluster_balance_threshold=0.99)])
    )
    for name in list(found)[5:]:
        with pytest.raises(
            ValueError, match=r"cannot resample a training part with .* rows .*leave it out of .*more folds"
        ):
            run(found[name])
    theirs = imblearn.over_sampling.KMeansSMOTE(cluster_balance_threshold=0.99)
    with pytest.raises(ValueError, match=r"^KMeansSMOTE\(cluster_balance_threshold=0.99\) cannot resample"):
        rows_of("KMeansSMOTE(cluster_balance_threshold=0.99)", [theirs])


class OnlyCommon(Spy):
    """Takes every rare row away."""

    def fit_resample(self, X, y):
        return X[y == 0], y[y == 0]


def test_a_resampler_that_leaves_one_class_is_an_error():
    with pytest.raises(ValueError, match="OnlyCommon left rows of one class only"):
        rows_of("OnlyCommon", [OnlyCommon()])


def test_a_resampler_that_changes_columns_is_an_error():
    class Narrow(Spy):
        def fit_resample(self, X, y):
            return X[:, 1:], y

    with pytest.raises(ValueError, match=r"Narrow made a table of shape \(100, 3\).* keeps the 4 columns"):
        rows_of("Narrow", [Narrow()])


def test_deep_smote_takes_part():
    method = DeepSMOTE(latent_dim=2, epochs=1)
    made = rows_of("DeepSMOTE(epochs=1, latent_dim=2)", [method], keep_rows=True).synthetic[2]
    counts = np.bincount(SPLIT.y)
    assert made.shape == (counts[0] - counts[1], 4)


def test_a_class_that_a_resampler_removed_gets_probability_zero():
    class NoMiddle(Spy):
        def fit_resample(self, X, y):
            return X[y != 1], y[y != 1]

    p = rows_of("NoMiddle", [NoMiddle()], LogisticRegression(), THREE).probabilities
    np.testing.assert_array_equal(p[:, 1], 0)
    np.testing.assert_allclose(p.sum(1), 1)


def test_probabilities_that_are_not_finite_are_refused():
    model = TorchModel(hidden=(8,), steps=20, learning_rate=1e30)
    with pytest.raises(
        ValueError, match="gave probabilities that are NaN or inf; lower the learning rate of"
    ):
        rows_of("nothing", model=model)


class Odd(ClassifierMixin, BaseEstimator):
    """Says what it is told to."""

    def __init__(self, answer=(0.0, 1.0)):
        self.answer = answer

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        return np.tile(self.answer, (len(X), 1))


def test_what_is_no_probability_is_refused_and_rounding_is_not():
    for answer in ((0.5, 0.6), (-0.5, 1.5)):
        with pytest.raises(ValueError, match=r"Odd.* must give probabilities .*off by 0"):
            rows_of("nothing", model=Odd(answer))
    rounded = rows_of("nothing", model=Odd((-1e-9, 1 + 1e-9))).probabilities
    np.testing.assert_array_equal(rounded, np.tile([0.0, 1.0], (len(SPLIT.test), 1)))


def test_ensembles_are_imbalanced_learns_own():
    X, test = (prepare(SPLIT.train).scaled(part) for part in (SPLIT.train, SPLIT.test))
    forest = imblearn.ensemble.BalancedRandomForestClassifier(random_state=SPLIT.seed)
    wanted = forest.fit(X, SPLIT.y).predict_proba(test)
    found = rows_of("BalancedRandomForest", ["balanced-random-forest"], LogisticRegression())
    np.testing.assert_allclose(found.probabilities, wanted)
    assert found.n_train == len(SPLIT.y)


def test_objects_of_combinations_run(recwarn):
    found = lined_up(FEATURES, Y, [TomekLinks(), imblearn.over_sampling.SMOTE(k_neighbors=3)])
    for contender in found.contenders[5:]:
        assert np.isfinite(run(contender).probabilities).all()
    assert not recwarn
