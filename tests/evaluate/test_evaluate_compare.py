"""compare() from end to end on small tables: what it promises whatever the methods are."""

from __future__ import annotations

import json
import threading
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from torch import nn

from torchsmote import SMOTE, DataWarning, RandomOverSampler, RandomUnderSampler, compare, make_imbalanced
from torchsmote.evaluate import TorchModel
from torchsmote.evaluate.comparison.measurements import STANDING
from torchsmote.evaluate.metrics import METRICS

QUICK = {"n_splits": 2, "n_repeats": 1, "progress": False}


def run(X, y, **options):
    return compare(X, y, **{"model": LogisticRegression(), **QUICK, **options})


def small(n=120, weights=(0.75, 0.25), d=3):
    made = make_imbalanced(n, d, weights=weights)
    return made.data, made.target


def facts(found):
    """All but the seconds."""
    return replace(found, fits=[replace(fit, seconds=0.0) for fit in found.fits])


@pytest.fixture(scope="module")
def usual():
    """The defaults, but for the model."""
    X, y = small(600, (0.85, 0.15))
    return compare(X, y, methods=["SMOTE", "adasyn"], model=LogisticRegression(), progress=False)


def test_the_standing_methods_come_first_and_each_runs_once_on_each_fold(usual):
    assert usual.methods == [*STANDING, "SMOTE", "ADASYN"]
    places = [(fit.method, fit.repeat, fit.fold) for fit in usual.fits]
    assert places == [(name, r, f) for name in usual.methods for r in range(2) for f in range(5)]


def test_intervals_go_by_the_test_rows_per_training_row(usual):
    assert usual.test_per_train == pytest.approx(1 / 4)
    values = [fit.scores["f1"] for fit in usual.fits if fit.method == "SMOTE"]
    half = stats.t.ppf(0.975, 9) * np.sqrt((1 / 10 + 1 / 4) * np.var(values, ddof=1))
    row = usual.table.set_index(["method", "metric"]).loc["SMOTE", "f1"]
    assert [row["low"], row["high"]] == pytest.approx([np.mean(values) - half, np.mean(values) + half])


def test_all_metrics_are_measured_and_pr_auc_is_first(usual):
    assert usual.metrics[0] == "pr_auc"
    assert set(usual.metrics) == set(METRICS)
    assert usual.scores.value.notna().all()


def test_the_tuned_threshold_changes_decisions_alone(usual):
    values = usual.table.pivot(index="metric", columns="method", values="mean")
    for name, metric in METRICS.items():
        same = values.loc[name, "nothing"] == values.loc[name, "nothing, tuned threshold"]
        assert same == (metric.reads == "probabilities"), name
    assert (
        values.loc["balanced_accuracy", "nothing, tuned threshold"]
        > values.loc["balanced_accuracy", "nothing"]
    )


def test_where_nothing_helps_the_verdict_says_so(usual):
    assert "no detectable difference" in usual.verdict


def test_a_known_harm_is_found(usual):
    """Resampled probabilities are too high."""
    brier = {name: one.difference.mean for name, one in usual.compared("brier").items() if one.detected}
    assert {"SMOTE", "ADASYN", "random under-sampling"} <= set(brier)
    assert min(brier.values()) > 0.01
    assert "nothing is detectably better" in usual.verdict_for("brier")


def test_a_known_gain_is_found():
    """Where classes overlap, any balancing finds more of the rare one than the best F1 does."""
    X, y = small(1500, (0.95, 0.05), d=2)
    found = run(X, y, methods=[], metrics=["recall"], n_splits=5, n_repeats=2)
    gains = {name: one.difference.mean for name, one in found.compared("recall").items() if one.detected}
    assert gains["random under-sampling"] > 0.1
    assert found.verdict.startswith("recall: better than `nothing, tuned threshold`")


def test_everything_is_strict_json(usual):
    assert json.loads(json.dumps(usual.to_dict(), allow_nan=False)) == usual.to_dict()


def test_the_settings_repeat_it(usual):
    X, y = small(600, (0.85, 0.15))
    names = {"X": X, "y": y, "print": str}
    exec(usual.settings["code"], names)
    assert facts(names["result"]) == facts(usual)
    assert set(usual.settings["versions"]) == {"python", "torchsmote", "torch", "scikit-learn", "numpy"}
    assert (usual.settings["rows"], usual.settings["columns"], usual.settings["groups"]) == (600, 3, None)


def test_the_settings_name_objects_by_their_public_place():
    X, y = small()
    found = run(X, y, methods=[SMOTE(k_neighbors=3), "ADASYN"], groups=np.arange(120), metrics=["f1"])
    code, arguments = found.settings["code"], found.settings["arguments"]
    assert code.startswith(
        "from sklearn.linear_model import LogisticRegression\n"
        "from torchsmote import SMOTE\n"
        "from torchsmote import compare\n\n"
    )
    assert "methods=[SMOTE(k_neighbors=3), 'ADASYN']" in code
    assert "groups=groups" in code
    assert arguments["methods"] == ["SMOTE(k_neighbors=3)", "ADASYN"]
    assert found.settings["groups"] == 120


def test_pictures_show_the_rows_that_were_made(usual):
    assert list(usual.pictures) == ["SMOTE", "ADASYN"]
    picture = usual.pictures["SMOTE"]
    first = next(fit for fit in usual.fits if fit.method == "SMOTE")
    assert sum(picture.synthetic) == first.n_train - 480
    assert set(picture.labels) == {"0", "1"}


def permuted():
    X, y = small(240, (0.8, 0.2))
    return X, np.random.default_rng(0).permutation(y)


def test_labels_at_random_cannot_be_predicted_by_any_method():
    """A nearest neighbour would recognise any row, or copy of it, that it was trained on."""
    methods = ["SMOTE", RandomOverSampler(), "BorderlineSMOTE"]
    found = run(*permuted(), methods=methods, model=KNeighborsClassifier(1), n_repeats=5, metrics=["roc_auc"])
    means = found.table["mean"]
    assert len(means) == 7
    assert means.between(0.44, 0.56).all(), found.table
    assert list(found.left_out) == ["class weights"]


def test_a_table_that_was_resampled_before_shows_how_a_leak_would_look():
    X, y = RandomOverSampler(random_state=0).fit_resample(*permuted())
    found = run(X, y, methods=[], model=KNeighborsClassifier(1), metrics=["roc_auc"])
    assert found.mean("nothing", "roc_auc").mean > 0.7


def test_two_processes_make_what_one_makes_of_a_network_that_a_local_function_builds():
    X, y = small()

    def build(n_features, n_classes):
        return nn.Sequential(nn.Linear(n_features, 4), nn.ReLU(), nn.Linear(4, n_classes))

    options = {"model": TorchModel(build, steps=20), "methods": ["SMOTE", RandomUnderSampler()]}
    one, two = (run(X, y, n_jobs=n_jobs, **options) for n_jobs in (1, 2))
    assert facts(one) == facts(two)
    names = {"X": X, "y": y, "build": build, "print": str}
    exec(one.settings["code"], names)  # without QUICK's progress, which is not part of the figures
    assert facts(names["result"]) == facts(one)
    assert "# Put the definition of `build` here" in one.settings["code"]
    assert len(set(one.scores[one.scores.metric == "pr_auc"].value)) > 5


def test_another_seed_is_another_comparison():
    X, y = small()
    one, other = run(X, y), run(X, y, seed=1)
    assert one.scores.value.tolist() != other.scores.value.tolist()


def test_several_classes():
    X, y = small(150, (0.6, 0.25, 0.15))
    found = run(X, np.array(["c", "a", "b"])[y], methods=["SMOTE"])
    assert (found.classes, found.counts, found.rarer) == (("a", "b", "c"), (38, 22, 90), None)
    fit = found.fits[-1]
    assert sorted(fit.curves) == [0, 1, 2]
    assert np.sum(fit.confusion) == 75
    assert len(fit.per_class["recall"]) == 3
    assert found.scores.value.notna().all()
    assert found.to_dict()["rarer"] is None
    assert "positive" not in str(found)


def test_categories_and_names_and_nothing_is_changed():
    X, y = small()
    frame = pd.DataFrame(X, columns=["a", "b", "c"]).assign(town=np.where(y + X[:, 0] > 0, "here", "there"))
    kept, labels = frame.copy(), pd.Series(y).map({0: "often", 1: "rare"})
    found = run(frame, labels, methods=["SMOTE"])
    assert found.methods[-1] == "SMOTENC"
    assert found.classes == ("often", "rare")
    pd.testing.assert_frame_equal(frame, kept)


def test_fits_that_warn_are_summed_up_in_one_warning():
    X, y = small(80, (0.8, 0.2))  # 8 rare rows in each training part
    scarce = SMOTE(k_neighbors=8, few_samples="shrink")
    with pytest.warns(DataWarning, match=r"most frequent \(2 times\): .*k_neighbors.*used$") as caught:
        found = run(X, y, methods=[scarce])
    assert len(caught) == 1
    assert caught[0].filename == __file__
    ((text, times),) = found.warnings.items()
    assert times == 2
    assert f"Warned 2 times: {text[:20]}" in str(found)


def test_a_run_grows_by_methods_and_repeats(tmp_path):
    X, y = small()
    path = tmp_path / "fits.jsonl"
    run(X, y, resume=path)
    before = path.read_text().splitlines()
    more = run(X, y, methods=["SMOTE", "ADASYN"], n_repeats=2, resume=path)
    after = path.read_text().splitlines()
    assert after[: len(before)] == before
    assert (len(before), len(after)) == (1 + 12, 1 + 28)
    assert facts(more) == facts(run(X, y, methods=["SMOTE", "ADASYN"], n_repeats=2))
    with pytest.raises(ValueError, match=r"`resume`.*other rows in `X`"):
        run(X + 1, y, resume=path)


def test_another_model_gets_fits_of_its_own(tmp_path):
    X, y = small()
    path = tmp_path / "fits.jsonl"
    run(X, y, resume=path)
    other = run(X, y, model=LogisticRegression(C=0.01), resume=path)
    assert facts(other) == facts(run(X, y, model=LogisticRegression(C=0.01)))


@pytest.mark.parametrize(
    ("options", "kind", "said"),
    [
        ({"n_splits": 1}, ValueError, "`n_splits` must be at least 2, got 1"),
        ({"n_splits": 2.5}, TypeError, "`n_splits` must be an int"),
        ({"n_splits": True}, TypeError, "`n_splits` must be an int"),
        ({"n_repeats": 0}, ValueError, "`n_repeats` must be at least 1, got 0"),
        ({"n_jobs": 0}, ValueError, "`n_jobs`"),
        ({"n_jobs": "2"}, TypeError, "`n_jobs`"),
        ({"seed": -1}, ValueError, "`seed`"),
        ({"seed": None}, TypeError, "`seed`"),
        ({"metrics": ["f2"]}, ValueError, "`metrics`"),
        ({"methods": ["SMITE"]}, ValueError, "SMITE"),
        ({"methods": "SMOTE"}, TypeError, "`methods`"),
        ({"model": 3}, TypeError, "`model`"),
        ({"groups": np.zeros(120)}, ValueError, "`groups`"),
        ({"n_splits": 31}, ValueError, "`n_splits`=31"),
    ],
)
def test_bad_arguments_are_refused_before_any_work(tmp_path, options, kind, said):
    X, y = small()
    path = tmp_path / "fits.jsonl"
    with pytest.raises(kind, match=said):
        run(X, y, resume=path, **options)
    assert not path.exists()


def test_a_model_that_cannot_leave_its_process_is_refused_before_any_work(tmp_path):
    X, y = small()
    lock = threading.Lock()

    def build(n_features, n_classes):
        with lock:
            return nn.Linear(n_features, n_classes)

    path = tmp_path / "fits.jsonl"
    with pytest.raises(TypeError, match=r"`n_jobs`=2: `model`, .*another process: .*lock.*take `n_jobs`=1"):
        run(X, y, model=build, n_jobs=2, resume=path)
    assert not path.exists()
    assert run(X, y, model=TorchModel(build, steps=2), methods=[], metrics=["f1"])


def test_a_method_that_cannot_run_is_named_with_its_fold():
    X, y = small(60, (0.9, 0.1))
    with pytest.raises(ValueError, match=r"'SMOTE\(k_neighbors=9\)' failed in repeat 0, fold 0: "):
        run(X, y, methods=[SMOTE(k_neighbors=9)])
