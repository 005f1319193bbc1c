"""The study of how far to balance: corrected models, what is measured, and what is made of it."""

import csv

import how_far
import numpy as np
import pytest
import torch
import yaml
from corrected_models import Corrected, Network
from how_far import CONFIG, MODELS, Table, build, mark, measure, rows_to_show, run_study
from how_far_summary import NOTHING, START, difference, draw, summarize, write_summary
from sklearn.linear_model import LogisticRegression
from study_files import read_rows

from torchsmote import make_imbalanced
from torchsmote.evaluate import TorchModel
from torchsmote.evaluate.comparison.models import Assignment
from torchsmote.evaluate.differences import paired_difference

SETTINGS = {
    "seed": 0,
    "folds": 2,
    "repeats": 1,
    "shares": [0.2, 0.5],
    "methods": ["SMOTE", "RandomOverSampler"],
    "tables": ["made"],
    "logistic regression": {"max_iter": 200},
    "MLP": {"steps": 3},
}
PAIRS = [("SMOTE", 0.2), ("SMOTE", 0.5), ("RandomOverSampler", 0.2), ("RandomOverSampler", 0.5)]


@pytest.fixture(scope="module")
def table():
    made = make_imbalanced(120, 2, weights=[0.9, 0.1])
    return Table(made.data, made.target, None)


@pytest.fixture(scope="module")
def rows(table):
    named = {"table": "made", "model": "logistic regression"}
    return [{**named, **row} for row in measure(table, "logistic regression", SETTINGS)]


def test_corrected_probabilities_follow_bayes_rule(table):
    balanced = np.r_[np.flatnonzero(table.y == 1), np.flatnonzero(table.y == 0)[:12]]
    X, y = table.X[balanced], table.y[balanced]
    plain = LogisticRegression().fit(X, y).predict_proba(table.X)
    found = Corrected(LogisticRegression(), 0.1).fit(X, y).predict_proba(table.X)
    weighted = plain * [0.9 / 0.5, 0.1 / 0.5]
    np.testing.assert_allclose(found, weighted / weighted.sum(1, keepdims=True), rtol=1e-6)


def test_a_network_is_that_of_the_comparison(table):
    model = TorchModel(steps=3)
    expected = model.probabilities(Assignment(table.X, table.y, table.X[:5], n_classes=2, seed=7))
    found = Network(model, random_state=7).fit(table.X, table.y).predict_proba(table.X[:5])
    np.testing.assert_array_equal(found, expected)


def test_each_method_is_measured_at_each_share_raw_and_corrected(rows, table):
    natural = table.y.mean()
    expected = [(NOTHING, natural), *PAIRS]
    assert [(row["method"], row["share"]) for row in rows] == 2 * expected
    assert [row["corrected"] for row in rows] == 5 * [False] + 5 * [True]
    for raw, corrected in zip(rows[:5], rows[5:], strict=True):
        np.testing.assert_allclose(raw["scores"]["pr_auc"], corrected["scores"]["pr_auc"], atol=1e-6)
        assert len(raw["scores"]["brier"]) == 2
    raw, corrected = (np.mean(row["scores"]["brier"]) for row in (rows[2], rows[7]))
    assert corrected < raw  # at equal shares probabilities are too high by far
    np.testing.assert_allclose(rows[0]["scores"]["brier"], rows[5]["scores"]["brier"], atol=1e-3)


def test_config_names_what_can_be_built_and_loaded():
    settings = yaml.safe_load(CONFIG.read_text())
    for model in MODELS:
        assert isinstance(build(model, settings, None), (TorchModel, LogisticRegression))
        assert isinstance(build(model, settings, 0.1), Corrected)
    digits = how_far.load_table("digits", settings)
    assert (digits.X.shape, int(digits.y.sum()), digits.groups) == ((695, 64), 39, None)
    changed = {**settings, "MLP": {"steps": 1}}
    assert [mark(settings, model) != mark(changed, model) for model in MODELS] == [False, True]
    assert mark(settings, "MLP") == mark({**settings, "tables": []}, "MLP")


def test_a_rerun_measures_what_is_missing(table, tmp_path, monkeypatch):
    results, measured = tmp_path / "how_far.jsonl", []

    def counted(_, model, settings):
        measured.append(model)
        yield {"method": NOTHING}
        yield {"method": "SMOTE"}

    monkeypatch.setattr(how_far, "measure", counted)
    for models in (MODELS[:1], MODELS):
        run_study(["made"], models, SETTINGS, results, load=lambda *_: table)
    assert measured == list(MODELS)
    assert len(rows_to_show(results, SETTINGS)) == len(read_rows(results)) == 4
    assert len(rows_to_show(results, {**SETTINGS, "MLP": {"steps": 4}})) == 2


def test_differences_are_from_nothing_fold_by_fold(rows):
    found = difference(rows, rows[7], "brier")
    expected = paired_difference(
        rows[7]["scores"]["brier"], rows[5]["scores"]["brier"], test_per_train=rows[7]["test_per_train"]
    )
    assert found == expected
    assert rows[7]["test_per_train"] == 1.0
    (line,) = (
        row
        for row in summarize(rows)
        if (row["method"], row["share"], row["corrected"], row["metric"]) == ("SMOTE", 0.5, True, "brier")
    )
    assert line["minus_nothing_mean"] == round(expected.mean, 5)


def test_page_picture_and_table(rows, tmp_path):
    (tmp_path / "how_far.md").write_text(f"# By hand\n{START}\n<!-- end of the tables -->\n")
    state = torch.get_rng_state()
    text = write_summary(rows, tmp_path)
    first = (tmp_path / "how_far.svg").read_bytes()
    draw(rows, tmp_path / "again.svg")
    assert first == (tmp_path / "again.svg").read_bytes()
    assert b"after PriorCorrection" in first
    assert torch.equal(state, torch.get_rng_state())
    assert "### made: natural share 10.0 %" in text
    assert text.count("\n| logistic regression | ") == 5
    assert text in (tmp_path / "how_far.md").read_text()
    with (tmp_path / "results" / "how_far.csv").open() as file:
        assert len(list(csv.DictReader(file))) == 10 * 4
