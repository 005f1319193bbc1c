"""Thresholds against every cut point, costs against the expected cost, and tuned decisions."""

import re

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from imblearn.metrics import geometric_mean_score
from sklearn import metrics as reference

from torchsmote.evaluate.calibration import TUNABLE, threshold_for, tune_decision

SCORERS = {
    "f1": lambda y, d: reference.f1_score(y, d, zero_division=0),
    "g_mean": geometric_mean_score,
    "balanced_accuracy": reference.balanced_accuracy_score,
    "mcc": reference.matthews_corrcoef,
}


@st.composite
def rows(draw):
    """Labels 0 and 1, both there, and scores with ties, on a short grid or not."""
    n = draw(st.integers(2, 25))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    y = rng.permutation(np.append([0, 1], rng.integers(0, 2, n - 2)))
    grid = draw(st.sampled_from([3, 10, 10**6]))
    return y, np.round((rng.random(n) + 0.3 * y) / 1.3 * grid) / grid


def cuts(p):
    return sorted(set(p.tolist()), reverse=True)


@settings(max_examples=40)
@given(rows(), st.sampled_from(TUNABLE))
def test_metric_threshold_is_the_best_of_all_cut_points(made, name):
    y, p = made
    values = np.array([SCORERS[name](y, (p >= t).astype(int)) for t in cuts(p)])
    best = values >= values.max() - 1e-12  # of equal values, one may be larger in the last bit
    assert threshold_for(name, y, p) in np.array(cuts(p))[best]


def test_of_equally_good_thresholds_the_largest_is_taken():
    y, p = [1, 0, 0, 1], [0.9, 0.8, 0.7, 0.6]  # F1 of 2 / 3 at both ends
    assert threshold_for("f1", y, p) == 0.9
    assert threshold_for("balanced_accuracy", y, [0.5] * 4) == 0.5


@settings(max_examples=40)
@given(rows(), st.sampled_from(["precision", "recall"]), st.sampled_from([0.3, 0.5, 0.9, 1.0]))
def test_a_bound_is_kept_at_the_least_price(made, name, bound):
    y, p = made
    of = {"precision": reference.precision_score, "recall": reference.recall_score}
    other = "recall" if name == "precision" else "precision"
    kept = [t for t in cuts(p) if of[name](y, p >= t, zero_division=0) >= bound]
    if not kept:
        with pytest.raises(ValueError, match="cannot be kept"):
            threshold_for(f"{name}>={bound}", y, p)
        return
    best = max(of[other](y, p >= t, zero_division=0) for t in kept)
    wanted = next(t for t in kept if of[other](y, p >= t, zero_division=0) == best)
    assert threshold_for(f"{name}>={bound}", y, p) == wanted


@settings(max_examples=40)
@given(rows(), st.sampled_from([0.01, 0.1, 0.25, 0.5]))
def test_false_positives_are_kept_below_a_rate(made, rate):
    y, p = made
    kept = [t for t in [np.inf, *cuts(p)] if np.mean(p[y == 0] >= t) <= rate]
    best = max(np.mean(p[y == 1] >= t) for t in kept)
    found = threshold_for(f"recall_at_fpr={rate}", y, p)
    assert found == next(t for t in kept if np.mean(p[y == 1] >= t) == best)


costs = st.tuples(*[st.integers(-3, 9)] * 4).filter(lambda c: c[1] > c[0] and c[2] > c[3])


@settings(max_examples=100)
@given(costs, st.floats(0, 1))
def test_costs_alone_decide_as_the_expected_cost_does(c, p):
    cost = np.array(c).reshape(2, 2)
    t = threshold_for(cost)
    of_negative, of_positive = (p * cost[1, d] + (1 - p) * cost[0, d] for d in (0, 1))
    if abs(p - t) > 1e-9:
        assert (p >= t) == (of_positive <= of_negative)
    assert 0 < t < 1


@settings(max_examples=40)
@given(rows(), costs)
def test_costs_on_rows_are_the_lowest(made, c):
    y, p = made
    cost = np.array(c).reshape(2, 2)
    total = {t: cost[y, (p >= t).astype(int)].sum() for t in [np.inf, *cuts(p)]}
    found = threshold_for(cost.tolist(), y, p)
    assert found == next(t for t in total if total[t] == min(total.values()))


def test_costs_of_calibrated_rows_agree_with_those_alone():
    p = np.linspace(0, 1, 2001)
    y = np.random.default_rng(0).random(2001) < p
    assert threshold_for([[0, 1], [3, 0]], y, p) == pytest.approx(0.25, abs=0.05)


@pytest.mark.parametrize(
    ("labels", "positive"),
    [
        ([0, 1, 1], 1),
        ([0.0, 1.0, 1.0], 1.0),
        ([-1, 1, 1], 1),
        ([False, True, True], True),
        (["a", "b", "a"], "b"),
        (["a", "b", "b"], "a"),
        ([1, 2, 2], 1),
        (["a", "b"], "b"),
    ],
)
def test_the_positive_class(labels, positive):
    p = [0.9 if label == positive else 0.2 for label in labels]
    assert threshold_for("f1", labels, p) == 0.9


@pytest.mark.parametrize("convert", [list, np.array, torch.tensor, pd.Series])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16])
def test_containers_and_dtypes_decide_their_own_rows(convert, dtype, device):
    p = torch.tensor([0.1, 0.3, 0.7, 0.7, 0.9], dtype=dtype, device=device)
    y = [0, 0, 1, 0, 1]
    values = p if convert is torch.tensor else convert(p.cpu().double().tolist())
    t = threshold_for("f1", convert(y), values)
    assert (p >= t).tolist() == [False, False, True, True, True]


@pytest.mark.parametrize(
    ("aim", "y", "p", "kind", "message"),
    [
        ("f1", None, None, ValueError, "`y_true` and `p` are needed"),
        ("f1", [0, 1], None, ValueError, "`p` is missing"),
        ([[0, 1], [1, 0]], None, [0.2], ValueError, "`y_true` is missing"),
        ("precision", [0, 1], [0.1, 0.2], ValueError, "no threshold suits it"),
        ("pr_auc", [0, 1], [0.1, 0.2], ValueError, "reads no decisions"),
        ("f2", [0, 1], [0.1, 0.2], ValueError, "known are f1"),
        ("precision>=2", [0, 1], [0.1, 0.2], ValueError, "bound above 0"),
        ("recall>=x", [0, 1], [0.1, 0.2], ValueError, "bound above 0"),
        ("recall_at_fpr=2", [0, 1], [0.1, 0.2], ValueError, "`metric_or_cost` has 'recall_at_fpr=2'"),
        ("f1", [0, 0], [0.1, 0.2], ValueError, "two classes, but has 1"),
        ("f1", [0, 1, 2], [0.1, 0.2, 0.3], ValueError, "two classes, but has 3"),
        ("f1", [0, None], [0.1, 0.2], ValueError, "`y_true` has a missing label in row 1"),
        ("f1", [0, 1], [0.1], ValueError, "`p` must have shape (2,)"),
        ("f1", [0, 1], [[0.9, 0.1], [0.2, 0.8]], ValueError, "p[:, 1]"),
        ("f1", [0, 1], [0.1, np.nan], ValueError, "row 1 has nan"),
        ("f1", [0, 1], ["a", "b"], TypeError, "`p` must hold the probability"),
        ([[0, 1], [0, 0]], None, None, ValueError, "a positive row called negative costs 0"),
        ([[1, 1], [5, 0]], None, None, ValueError, "a negative row called positive costs 1"),
        ([[0, 1, 2], [1, 0, 2]], None, None, ValueError, "2 x 2"),
        ([[0, np.inf], [1, 0]], None, None, ValueError, "finite"),
        ({"a": 1}, None, None, TypeError, "name of a metric or a 2 x 2 cost matrix"),
    ],
)
def test_bad_input_is_refused(aim, y, p, kind, message):
    with pytest.raises(kind, match=re.escape(message)):
        threshold_for(aim, y, p)


@settings(max_examples=25)
@given(rows(), st.sampled_from(TUNABLE), st.integers(0, 1))
def test_a_binary_decision_is_that_of_the_threshold(made, name, rarer):
    y, p = made
    probabilities = np.stack([p, 1 - p] if rarer == 0 else [1 - p, p], 1)
    decision = tune_decision(name, np.where(y == 1, rarer, 1 - rarer), probabilities, rarer)
    assert decision.threshold == threshold_for(name, y, p)
    np.testing.assert_array_equal(decision.decide(probabilities) == rarer, p >= decision.threshold)


@pytest.mark.parametrize("strength", [1, 1.6], ids=["calibrated", "too sure of the common class"])
def test_more_classes_are_shifted_as_far_as_helps(strength):
    rng = np.random.default_rng(0)
    y = rng.choice(3, 1500, p=[0.9, 0.08, 0.02])
    z = rng.normal(size=(1500, 3)) + 1.5 * np.eye(3)[y] + strength * np.log([0.9, 0.08, 0.02])
    p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    decision = tune_decision("balanced_accuracy", y, p, None)
    assert decision.threshold is None
    prior = np.bincount(y) / len(y)
    values = [
        reference.balanced_accuracy_score(y, (p * prior**-tau).argmax(1)) for tau in np.linspace(0, 2, 41)
    ]
    tuned = reference.balanced_accuracy_score(y, decision.decide(p))
    assert tuned == pytest.approx(max(values))
    assert tuned > values[0] + 0.1


def test_decisions_that_cannot_be_tuned_are_refused():
    y, p = np.array([0, 1]), np.array([[0.9, 0.1], [0.2, 0.8]])
    with pytest.raises(ValueError, match="`metric`='recall' cannot be tuned"):
        tune_decision("recall", y, p, 1)
    with pytest.raises(ValueError, match="no row of class 1"):
        tune_decision("f1", np.zeros(2, int), p, 1)
