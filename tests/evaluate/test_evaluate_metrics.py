"""Metrics against scikit-learn, imbalanced-learn and slow references, and what must not change them."""

import math
import re
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from imblearn.metrics import geometric_mean_score
from sklearn import metrics as reference
from sklearn.calibration import calibration_curve

from torchsmote.evaluate.metrics import (
    BINS,
    GRID,
    METRICS,
    check_metrics,
    class_curves,
    confusion,
    metric_of,
    per_class,
    score,
)

EVERY = check_metrics(None)
ANY_NUMBER = st.integers(2, 4)
MACRO = {"average": "macro", "zero_division": 0}


@st.composite
def predictions(draw, n_classes=ANY_NUMBER):
    """Class positions, all of them there, and probabilities with ties, 0 and 1 among them."""
    count = draw(n_classes)
    n = draw(st.integers(2 * count, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    y = rng.permutation(np.concatenate([np.arange(count), rng.integers(0, count, n - count)]))
    if draw(st.booleans()):
        p = rng.multinomial(draw(st.integers(1, 20)), np.full(count, 1 / count), n).astype(float)
        p /= p.sum(1, keepdims=True)
    else:
        p = rng.dirichlet(np.full(count, 0.5), n)
    return y, p


def all_scores(y, p, rarer, decided=None):
    return score(y, {"": p.argmax(1)} if decided is None else decided, p, EVERY, rarer)


@settings(max_examples=30)
@given(predictions(n_classes=st.just(2)), st.integers(0, 1))
def test_binary_metrics_are_those_of_scikit_learn(made, rarer):
    y, p = made
    is_rarer, decided = y == rarer, p.argmax(1) == rarer
    fpr, tpr, _ = reference.roc_curve(is_rarer, p[:, rarer])
    own = {"y_true": is_rarer, "y_pred": decided, "zero_division": 0}
    wanted = {
        "precision": reference.precision_score(**own),
        "recall": reference.recall_score(**own),
        "f1": reference.f1_score(**own),
        "g_mean": geometric_mean_score(is_rarer, decided),
        "balanced_accuracy": reference.balanced_accuracy_score(is_rarer, decided),
        "mcc": reference.matthews_corrcoef(is_rarer, decided),
        "roc_auc": reference.roc_auc_score(is_rarer, p[:, rarer]),
        "pr_auc": reference.average_precision_score(is_rarer, p[:, rarer]),
        "recall_at_fpr": tpr[fpr <= 0.01].max(),
        "brier": reference.brier_score_loss(is_rarer, p[:, rarer]),
    }
    found = all_scores(y, p, rarer)
    assert {name: found[name] for name in wanted} == pytest.approx(wanted, abs=1e-12)


@settings(max_examples=30)
@given(predictions())
def test_metrics_of_several_classes_are_those_of_scikit_learn(made):
    y, p = made
    decided = p.argmax(1)
    one_hot = np.eye(p.shape[1])[y]
    wanted = {
        "precision": reference.precision_score(y, decided, **MACRO),
        "recall": reference.recall_score(y, decided, **MACRO),
        "f1": reference.f1_score(y, decided, **MACRO),
        "g_mean": geometric_mean_score(y, decided, correction=0),
        "balanced_accuracy": reference.balanced_accuracy_score(y, decided),
        "mcc": reference.matthews_corrcoef(y, decided),
        "roc_auc": reference.roc_auc_score(one_hot, p, average="macro"),
        "pr_auc": reference.average_precision_score(one_hot, p, average="macro"),
        "brier": np.square(p - one_hot).sum(1).mean() / 2,
    }
    found = all_scores(y, p, None)
    assert {name: found[name] for name in wanted} == pytest.approx(wanted, abs=1e-12)
    each = per_class(y, decided, p.shape[1])
    for name, of in (("precision", reference.precision_score), ("recall", reference.recall_score)):
        assert each[name] == pytest.approx(of(y, decided, average=None, zero_division=0))
    assert each["f1"] == pytest.approx(reference.f1_score(y, decided, average=None, zero_division=0))
    assert confusion(y, decided, p.shape[1]) == reference.confusion_matrix(y, decided).tolist()


def slow_ece(hits, p):
    """One row at a time; edges as scikit-learn has them, a row on an edge in the bin below it."""
    edges = np.linspace(0, 1, BINS + 1)
    total = 0.0
    for low, high in pairwise(edges):
        own = [(h, q) for h, q in zip(hits, p, strict=True) if low < q <= high or (q == 0 and low == 0)]
        if own:
            gap = sum(h for h, _ in own) / len(own) - math.fsum(q for _, q in own) / len(own)
            total += abs(gap) * len(own) / len(p)
    return total


@settings(max_examples=30)
@given(predictions())
def test_ece_is_the_mean_gap_of_the_bins(made):
    y, p = made
    assert all_scores(y, p, None)["ece"] == pytest.approx(slow_ece(p.argmax(1) == y, p.max(1)), abs=1e-9)
    if p.shape[1] == 2:
        assert all_scores(y, p, 1)["ece"] == pytest.approx(slow_ece(y == 1, p[:, 1]), abs=1e-9)


@settings(max_examples=30)
@given(predictions(n_classes=st.just(2)), st.sampled_from([0.01, 0.05, 0.1, 0.25, 0.5]))
def test_recall_at_a_rate_is_the_best_of_all_thresholds(made, rate):
    y, p = made
    negatives, positives = p[y == 0, 1], p[y == 1, 1]
    allowed = [
        np.mean(positives >= t)
        for t in [*p[:, 1], np.inf]
        if Fraction(int((negatives >= t).sum()), len(negatives)) <= Fraction(str(rate))
    ]
    name = f"recall_at_fpr={rate}"
    assert score(y, {}, p, [name], 1)[name] == pytest.approx(max(allowed))


@settings(max_examples=30)
@given(predictions(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_count_and_ranges_hold(made, random):
    y, p = made
    order = np.array(random.sample(range(len(y)), len(y)))
    for rarer in (None, 1) if p.shape[1] == 2 else (None,):
        found = all_scores(y, p, rarer)
        assert all_scores(y[order], p[order], rarer) == pytest.approx(found, abs=1e-12)
        for name, value in found.items():
            assert (-1 if name == "mcc" else 0) <= value <= 1 + 1e-12


@settings(max_examples=30)
@given(predictions(n_classes=st.just(2)))
def test_a_monotone_transform_leaves_the_ranking_metrics(made):
    y, p = made
    q = np.argsort(np.argsort(np.unique(p[:, 1])))[np.unique(p[:, 1], return_inverse=True)[1]] / len(p)
    names = ["roc_auc", "pr_auc", "recall_at_fpr", "recall_at_fpr=0.2"]
    for rarer in (0, 1):
        found = score(y, {}, p, names, rarer)
        assert score(y, {}, np.stack([1 - q, q], 1), names, rarer) == pytest.approx(found)


def test_perfect_predictions():
    y = np.array([0, 1, 2, 0, 1, 2])
    assert set(all_scores(y, np.eye(3)[y], None).values()) == {0.0, 1.0}
    best = {name: float(metric.higher_is_better) for name, metric in METRICS.items()}
    assert all_scores(y, np.eye(3)[y], None) == best
    assert all_scores(y[y < 2], np.eye(2)[y[y < 2]], 1) == best


@pytest.mark.filterwarnings("error")
def test_nothing_predicted_is_zero_without_a_warning():
    y = np.array([0, 0, 0, 1])
    p = np.tile([0.9, 0.1], (4, 1))
    found = all_scores(y, p, 1)
    assert (found["precision"], found["f1"], found["g_mean"], found["mcc"]) == (0, 0, 0, 0)


def test_a_tuned_metric_reads_its_own_decisions():
    y, p = np.array([0, 0, 1, 1]), np.array([[0.8, 0.2], [0.7, 0.3], [0.6, 0.4], [0.1, 0.9]])
    found = score(y, {"": p.argmax(1), "f1": (p[:, 1] >= 0.4).astype(int)}, p, ["f1", "recall"], 1)
    assert found == {"f1": 1, "recall": 0.5}
    with pytest.raises(ValueError, match="`decided` has no decisions for 'recall'"):
        score(y, {"f1": p.argmax(1)}, p, ["f1", "recall"], 1)


@settings(max_examples=30)
@given(predictions(n_classes=st.just(2)))
def test_curves_are_those_of_the_rows(made):
    y, p = made[0] == 1, made[1][:, 1]
    curves = class_curves(y, p)
    precision, recall, _ = reference.precision_recall_curve(y, p)
    false, true, _ = reference.roc_curve(y, p, drop_intermediate=False)
    assert curves.precision[0] == 1
    for at, found in list(zip(GRID, curves.precision, strict=True))[1:]:
        assert found == precision[max(place for place in range(len(recall)) if recall[place] >= at)]
    assert curves.true_positive_rate == [max(true[false <= at]) for at in GRID]
    assert sum(curves.count) == len(y)
    assert sum(curves.positive) == y.sum()
    observed, predicted = calibration_curve(y, p, n_bins=BINS)
    count = np.array(curves.count)
    kept = count > 0
    np.testing.assert_allclose(np.array(curves.positive)[kept] / count[kept], observed)
    np.testing.assert_allclose(np.array(curves.probability)[kept] / count[kept], predicted)


def test_names():
    assert EVERY[0] == "pr_auc"
    assert sorted(EVERY) == sorted(METRICS)
    assert check_metrics("f1") == ("f1",)
    assert metric_of("recall_at_fpr").label == "recall at 1 % FPR"
    assert metric_of("recall_at_fpr=0.05").label == "recall at 5 % FPR"


@pytest.mark.parametrize(
    ("names", "kind", "message"),
    [
        (["prauc"], ValueError, "did you mean 'pr_auc'"),
        (["F1"], ValueError, "did you mean 'f1'"),
        (["f1=2"], ValueError, "no 'f1=2'"),
        (["recall_at_fpr=5"], ValueError, "between 0 and 1"),
        (["recall_at_fpr=x"], ValueError, "between 0 and 1"),
        (["f1", "f1"], ValueError, "more than once"),
        ([], ValueError, "no metric"),
        ([3], TypeError, "names such as"),
        (3, TypeError, "`metrics` must be a list"),
        ({"f1", "mcc"}, TypeError, "`metrics` must be a list"),
        (["zzz"], ValueError, "`metrics` has no 'zzz'. Known are"),
    ],
)
def test_bad_names_are_refused(names, kind, message):
    with pytest.raises(kind, match=re.escape(message)):
        check_metrics(names)


def test_rows_that_do_not_fit_are_refused():
    y, p = np.array([0, 0, 1]), np.full((3, 2), 0.5)
    with pytest.raises(ValueError, match="no row of class 1"):
        score(np.zeros(3, int), {}, p, ["pr_auc"], 1)
    with pytest.raises(ValueError, match="no column"):
        score(np.array([0, 1, 2]), {}, p, ["pr_auc"], 1)
    with pytest.raises(ValueError, match="`probabilities` must have shape"):
        score(y, {}, p[:2], ["pr_auc"], 1)
    with pytest.raises(ValueError, match="`decided` must have one class"):
        score(y, {"": y[:2]}, p, ["f1"], 1)


def test_each_metric_has_its_formula_on_the_page():
    page = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text(encoding="utf-8")
    for name in METRICS:
        assert f"| `{name}`" in page
