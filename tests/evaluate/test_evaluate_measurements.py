"""From fits to means, intervals, p-values, a verdict and text, against computations by hand."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from torchsmote.evaluate.comparison.comparison import Comparison
from torchsmote.evaluate.comparison.fits import Fit
from torchsmote.evaluate.comparison.forest import intervals
from torchsmote.evaluate.comparison.measurements import BASELINE, STANDING
from torchsmote.evaluate.comparison.verdict import Compared, verdict
from torchsmote.evaluate.differences import Difference, corrected_interval, holm
from torchsmote.evaluate.metrics import METRICS, check_metrics
from torchsmote.evaluate.strict_json import strict

SETTINGS = {
    "arguments": {"model": "torch MLP", "n_splits": 5, "n_repeats": 2, "grid": None},
    "rows": 1000,
    "columns": 3,
}


def comparison(means, *, spread=0.01, fits=10, metrics=("pr_auc",), **changed):
    """Methods with given means in every metric; the noise is shared by half, as on common folds."""
    rng = np.random.default_rng(0)
    common = rng.standard_normal(fits)
    made = []
    for method, mean in means.items():
        own = rng.standard_normal((fits, len(metrics)))
        for number in range(fits):
            values = mean + spread * (common[number] + own[number])
            made.append(
                Fit(
                    method=method,
                    repeat=number // 5,
                    fold=number % 5,
                    scores=dict(zip(metrics, values.tolist(), strict=True)),
                    per_class={"precision": [0.5, 0.5], "recall": [0.5, 0.5], "f1": [0.5, 0.5]},
                    confusion=[[90, 5], [3, 2]],
                    curves={},
                    threshold=0.5,
                    n_train=800,
                    seconds=0.1,
                )
            )
    fields = {
        "methods": list(means),
        "metrics": metrics,
        "classes": ("no", "yes"),
        "counts": (950, 50),
        "rarer": 1,
        "fits": made,
        "test_per_train": 0.25,
        "left_out": {},
        "warnings": {},
        "settings": SETTINGS,
        "pictures": {},
    }
    return Comparison(**{**fields, **changed})


EVEN = dict.fromkeys(STANDING, 0.5)


def test_tables_have_the_promised_columns_and_rows():
    found = comparison({**EVEN, "SMOTE": 0.6}, metrics=("pr_auc", "f1"))
    assert list(found.table.columns) == ["method", "metric", "mean", "low", "high"]
    assert list(found.scores.columns) == ["method", "metric", "repeat", "fold", "value"]
    assert list(found.differences.columns) == ["method", "metric", "mean", "low", "high", "p", "p_holm"]
    assert (len(found.table), len(found.scores), len(found.differences)) == (12, 120, 10)
    assert list(found.table.method.unique()) == found.methods
    assert BASELINE not in set(found.differences.method)


def test_means_and_differences_are_those_of_nadeau_and_bengio():
    found = comparison({**EVEN, "SMOTE": 0.52})
    values = found.scores.pivot(index=["repeat", "fold"], columns="method", values="value")
    mean = values["SMOTE"].mean()
    half = stats.t.ppf(0.975, 9) * np.sqrt((1 / 10 + 0.25) * values["SMOTE"].var(ddof=1))
    row = found.table.set_index(["method", "metric"]).loc["SMOTE", "pr_auc"]
    np.testing.assert_allclose(row, [mean, mean - half, mean + half], rtol=1e-12)
    gap = values["SMOTE"] - values[BASELINE]
    error = np.sqrt((1 / 10 + 0.25) * gap.var(ddof=1))
    half = stats.t.ppf(0.975, 9) * error
    p = 2 * stats.t.sf(abs(gap.mean()) / error, 9)
    row = found.differences.set_index("method").loc["SMOTE"]
    np.testing.assert_allclose(
        row[["mean", "low", "high", "p"]].tolist(),
        [gap.mean(), gap.mean() - half, gap.mean() + half, p],
        rtol=1e-12,
    )
    np.testing.assert_allclose(found.differences.p_holm, holm(found.differences.p.tolist()))


def test_fits_are_paired_by_fold_in_any_order():
    found = comparison({**EVEN, "SMOTE": 0.52})
    mixed = [found.fits[place] for place in np.random.default_rng(0).permutation(len(found.fits))]
    pd.testing.assert_frame_equal(found.differences, replace(found, fits=mixed).differences)


def closed_testing(p):
    """Holm's adjusted p-values from first principles: the closure of Bonferroni tests."""
    m = len(p)
    subsets = [s for size in range(1, m + 1) for s in itertools.combinations(range(m), size)]
    return [max(min(1, len(s) * min(p[i] for i in s)) for s in subsets if own in s) for own in range(m)]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_holm_is_the_closure_of_bonferroni(p):
    np.testing.assert_allclose(holm(p), closed_testing(p))


def test_holm_leaves_nan_out():
    assert holm([0.01, float("nan"), 0.03])[::2] == [0.02, 0.03]
    assert np.isnan(holm([0.01, float("nan"), 0.03])[1])
    assert holm([]) == []


def test_an_interval_of_equal_values_has_no_width():
    found = corrected_interval([0.5, 0.5], test_per_train=1)
    assert (found.mean, found.low, found.high) == (0.5, 0.5, 0.5)


def test_no_difference_is_called_so_with_what_could_have_been_overlooked():
    found = comparison({**EVEN, "SMOTE": 0.501})
    widest = ((found.differences.high - found.differences.low) / 2).max()
    missed = widest * stats.t.ppf(1 - 0.025 / 5, 9) / stats.t.ppf(0.975, 9)
    assert found.verdict == (
        f"PR-AUC: no detectable difference between `{BASELINE}` ({found.mean(BASELINE, 'pr_auc').mean:.3f}) "
        f"and any other method; one of up to about {missed:.3f} could have been overlooked."
    )


def test_a_method_that_varies_a_lot_does_not_speak_for_the_others():
    widths = {"SMOTE": 0.01, "random under-sampling": 0.3, "nothing": 0.0}
    compared = {
        name: Compared(Difference(0.0, -half, half, half, seeds=10, p=1.0), p_holm=1.0)
        for name, half in widths.items()
    }
    said = verdict(
        METRICS["pr_auc"], compared, baseline=BASELINE, level=0.5, plain="nothing", from_grid=False
    )
    factor = stats.t.ppf(1 - 0.025 / 3, 9) / stats.t.ppf(0.975, 9)
    assert (
        f"up to about {0.01 * factor:.3f} (SMOTE) or {0.3 * factor:.3f} (random under-sampling) could" in said
    )


def test_no_difference_beyond_what_a_metric_can_have_is_told():
    assert "; one of any size could have been overlooked" in comparison(EVEN, spread=5.0).verdict


def test_what_could_have_been_overlooked_is_what_would_just_not_be_detected():
    found = comparison(EVEN)
    said = float(found.verdict.split("about ")[1].split()[0])
    widest = max(found.compared("pr_auc"), key=lambda name: found.compared("pr_auc")[name].difference.spread)
    for factor, detected in ((0.97, False), (1.03, True)):
        shift = factor * said - found.compared("pr_auc")[widest].difference.mean
        fits = [
            replace(fit, scores={"pr_auc": fit.scores["pr_auc"] + shift * (fit.method == widest)})
            for fit in found.fits
        ]
        assert replace(found, fits=fits).compared("pr_auc")[widest].detected == detected


def test_equal_values_everywhere_are_no_difference():
    assert "no detectable difference" in comparison(EVEN, spread=0.0).verdict


def test_strong_differences_are_named_with_figures():
    found = comparison({**EVEN, "random under-sampling": 0.4, "SMOTE": 0.6})
    row = found.differences.set_index("method").loc["SMOTE"]
    assert found.verdict.startswith(f"PR-AUC: better than `{BASELINE}`")
    assert f"SMOTE {row['mean']:+.3f} ({row['low']:+.3f} … {row['high']:+.3f}, p " in found.verdict
    assert "; worse: random under-sampling -0." in found.verdict
    assert "undecided: the other 3" in found.verdict
    assert "no detectable difference" not in found.verdict


def test_each_metric_has_a_verdict_of_its_own():
    found = comparison({**EVEN, "SMOTE": 0.6}, metrics=("pr_auc", "f1", "brier"))
    assert found.verdict_for("pr_auc") == found.verdict
    assert found.verdict_for("f1").startswith("F1: better")
    assert "worse: SMOTE" in found.verdict_for("brier")


def test_of_many_that_differ_the_largest_are_named():
    names = {f"SMOTE(k_neighbors={k})": 0.6 + k / 100 for k in range(1, 9)}
    text = comparison({**EVEN, **names}).verdict
    assert [k for k in range(1, 9) if f"k_neighbors={k})" in text] == [6, 7, 8]
    assert "and 5 more" in text


def test_of_many_that_are_worse_the_worst_are_named():
    names = {f"SMOTE(k_neighbors={k})": 0.4 - k / 100 for k in range(1, 9)}
    text = comparison({**EVEN, **names}).verdict
    assert [k for k in range(1, 9) if f"k_neighbors={k})" in text] == [6, 7, 8]


@pytest.mark.parametrize(("metric", "up", "down"), [("f1", "better", "worse"), ("brier", "worse", "better")])
def test_the_forest_plot_tells_better_from_worse(metric, up, down):
    found = comparison({**EVEN, "more": 0.6, "less": 0.4}, metrics=(metric,))
    sides = {row.name: row.side for row in intervals(found, metric)}
    assert (sides["more"], sides["less"], sides["nothing"]) == (up, down, "")


def test_lower_is_better_for_the_brier_score():
    text = comparison({**EVEN, "SMOTE": 0.6}, metrics=("brier",)).verdict
    assert "nothing is detectably better" in text
    assert "worse: SMOTE +0.1" in text
    text = comparison({**EVEN, "SMOTE": 0.4}, metrics=("brier",)).verdict
    assert f"better than `{BASELINE}`" in text


def test_the_threshold_gets_the_credit_where_it_is_due():
    default = {**EVEN, "nothing": 0.3, "SMOTE": 0.5}
    assert "The tuned threshold alone gains 0." in comparison(default, metrics=("f1",)).verdict
    assert "threshold alone" not in comparison({**default, "SMOTE": 0.6}, metrics=("f1",)).verdict
    assert "threshold alone" not in comparison(default, metrics=("pr_auc",)).verdict


def test_the_best_of_a_grid_is_called_flattering():
    settings = {**SETTINGS, "arguments": {**SETTINGS["arguments"], "grid": {"k_neighbors": ["3", "5"]}}}
    assert "flatters" in comparison({**EVEN, "SMOTE": 0.6}, settings=settings).verdict
    assert "flatters" not in comparison({**EVEN, "SMOTE": 0.6}).verdict
    assert "flatters" not in comparison(EVEN, settings=settings).verdict


def test_few_fits_allow_no_conclusion():
    assert "Only 2 fits a method: take no conclusion." in comparison(EVEN, fits=2).verdict
    assert "take no conclusion" not in comparison(EVEN, fits=5).verdict


def test_the_dictionary_is_strict_json():
    found = comparison({**EVEN, "SMOTE": 0.6}, metrics=("pr_auc", "f1"))
    broken = replace(found.fits[0], scores={"pr_auc": float("nan"), "f1": 0.5}, threshold=float("inf"))
    found = replace(found, fits=[broken, *found.fits[1:]])
    values = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert values == found.to_dict()
    assert values["fits"][0]["scores"] == {"pr_auc": None, "f1": 0.5}
    assert values["fits"][0]["threshold"] is None
    assert values["verdict"] == found.verdict
    assert [row["method"] for row in values["table"][::2]] == found.methods
    assert values["rarer"] == "yes"


def test_strict_values():
    assert strict({1: (np.float32(0.5), np.array([1, 2])), "a": float("-inf")}) == {
        "1": [0.5, [1, 2]],
        "a": None,
    }


LONG = "SMOTENC(categorical_features=[0, 1, 2], k_neighbors=3, sampling_strategy={'yes': 90})"


@pytest.mark.parametrize("name", ["SMOTE", LONG, "x" * 200, "two\nlines"])
@pytest.mark.parametrize("metrics", [("pr_auc",), check_metrics(None), ("recall_at_fpr=0.05", "mcc", "ece")])
def test_text_fits_80_columns(name, metrics):
    found = comparison(
        {**EVEN, name: 0.6},
        metrics=metrics,
        left_out={"class weights": "the model takes none " * 9},
        warnings={"few rows " * 30: 12_345},
        classes=("a" * 90, "b"),
    )
    text = str(found)
    assert max(map(len, text.splitlines())) <= 80
    assert text.startswith(found.verdict[:30])
    assert text.index("Left out: class weights") < text.index("Warned 12,345 times: few rows")


def test_text_has_nothing_that_steers_a_terminal():
    found = comparison({**EVEN, "a\x1b[2J": 0.6}, classes=("\x1b[31mred", "b\u202ec\r"), warnings={"\x07": 1})
    assert all(letter.isprintable() or letter == "\n" for letter in str(found))
    assert "\ufffd[31mred: 950" in str(found)


def test_text_shows_means_differences_and_the_main_metrics():
    found = comparison({**EVEN, "SMOTE": 0.6}, metrics=check_metrics(None))
    text = str(found)
    row = found.table.set_index(["method", "metric"]).loc["SMOTE", "pr_auc"]
    assert f"{row['mean']:.3f} ±{row['high'] - row['mean']:.3f}" in text
    row = found.differences.set_index(["method", "metric"]).loc["SMOTE", "pr_auc"]
    assert f"{row['mean']:+.3f} ±{row['high'] - row['mean']:.3f}" in text
    for label in ("ROC-AUC", "F1", "Brier", "1,000 rows", "5 folds x 2", "no: 950, yes: 50", "torch MLP"):
        assert label in " ".join(text.split())


def test_text_leaves_long_names_more_room():
    metrics = check_metrics(None)
    assert "Brier" in str(comparison(EVEN, metrics=metrics))
    text = str(comparison({**EVEN, "BorderlineSMOTE(k_neighbors=3)": 0.5}, metrics=metrics))
    assert "Brier" not in text
    assert text.count("BorderlineSMOTE(k_neighbors=3)  ") == 2


def test_the_forest_plot_has_a_row_for_each_method_but_the_baseline():
    import matplotlib

    backend = matplotlib.get_backend()
    found = comparison({**EVEN, "SMOTE $x_1^2$": 0.6}, metrics=("pr_auc", "brier"))
    figure = found.plot()
    labels = [text.get_text() for text in figure.axes[0].texts if text.get_ha() == "left"]
    assert labels == [name for name in found.methods if name != BASELINE]
    assert not any(text.get_parse_math() for text in figure.axes[0].texts)
    assert "left is better" in found.plot("brier").axes[0].get_xlabel()
    figure.canvas.draw()
    assert matplotlib.get_backend() == backend
    with pytest.raises(ValueError, match="`metric` is 'f1', but measured were: pr_auc, brier"):
        found.plot("f1")
