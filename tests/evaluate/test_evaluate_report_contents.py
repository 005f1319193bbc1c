"""What stands on the pages of comparisons and diagnoses: the answer first, and nothing left out silently."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from evaluate.comparison_cases import HOSTILE_CLASSES, HOSTILE_METHODS, comparison
from evaluate.diagnosis_cases import diagnosis
from evaluate.hostile import SCRIPT
from evaluate.html_reading import Reading

from torchsmote.evaluate.comparison.measurements import BASELINE
from torchsmote.evaluate.comparison.page import comparison_page
from torchsmote.evaluate.comparison.page_curves import ranked
from torchsmote.evaluate.diagnosis.page import diagnosis_page
from torchsmote.evaluate.report.page import Card, Choice, Details, Figure, Grid, Matrix, Table
from torchsmote.evaluate.report.plain_text import printable
from torchsmote.evaluate.report.write import html


def every(blocks, kind):
    """Blocks of a kind, however deep."""
    found = []
    for block in blocks:
        if isinstance(block, kind):
            found.append(block)
        if isinstance(block, (Grid, Details)):
            found += every(block.blocks, kind)
        elif isinstance(block, Choice):
            found += [own for _, blocks in block.options for own in every(blocks, kind)]
    return found


@pytest.fixture(scope="module")
def measured():
    return comparison()


@pytest.fixture(scope="module")
def page(measured):
    return comparison_page(measured)


@pytest.fixture(scope="module")
def many():
    """A task of six classes with hostile names."""
    return comparison_page(comparison(HOSTILE_CLASSES, HOSTILE_METHODS, ("pr_auc",)))


def section(page, heading):
    (found,) = [own for own in page.sections if own.heading == heading]
    return found.blocks


def test_the_verdict_stands_first_and_the_data_is_that_of_to_dict(page, measured):
    assert page.verdict == measured.verdict
    assert page.data == measured.to_dict()
    assert "7 methods, each trained on 6 training parts" in page.lead


def test_each_metric_has_a_forest_plot_with_every_method_but_the_baseline(page, measured):
    figures = every(section(page, "Differences from the baseline"), Figure)
    assert len(figures) == len(measured.metrics)
    for method, one in measured.compared("pr_auc").items():
        sign = "+" if one.difference.mean >= 0 else "\N{MINUS SIGN}"
        assert f"{method} {sign}{abs(one.difference.mean):.3f} (" in figures[0].alt
    assert f"; {BASELINE} " not in figures[0].alt


def test_the_score_table_has_every_method_and_metric(page, measured):
    (table,) = every(section(page, "Scores"), Table)
    assert [row[0] for row in table.rows] == list(measured.methods)
    found = measured.mean("SMOTE", "f1")
    row = dict(zip(table.header, table.rows[5], strict=True))
    assert row["F1"] == f"{found.mean:.3f} ±{(found.high - found.low) / 2:.3f}"
    assert row["rows trained on"] == "400"
    assert "lower is better in Brier score" in table.caption


def test_confusion_counts_each_row_once(page, measured):
    matrices = every(section(page, "Which class is taken for which"), Matrix)
    assert len(matrices) == len(measured.methods)
    for matrix in matrices:
        sums = [sum(float(text.replace(",", "")) for text in row) for row in matrix.cells]
        assert sums == pytest.approx(measured.counts)


def test_what_was_left_out_and_warned_of_is_there(page):
    left, warned = section(page, "Left out, and warnings")
    assert left.rows == [("0", "no, 0")]
    assert warned.rows == [("beware of SMOTE", "1,234")]


def test_curves_are_of_the_rarer_class_and_the_baseline_comes_first(page):
    figures = every(section(page, "Curves"), Figure)
    assert len(figures) == 3
    assert all(f": {BASELINE} 0." in figure.alt for figure in figures)


def test_reliability_is_of_all_test_parts_together_without_thin_bins(measured, monkeypatch):
    monkeypatch.setattr("torchsmote.evaluate.comparison.page_curves._FEWEST", 25)
    alt = every(section(comparison_page(measured), "Curves"), Figure)[2].alt
    own = [fit.curves[1] for fit in measured.fits if fit.method == BASELINE]
    count, probability, positive = (
        np.sum([getattr(one, name) for one in own], axis=0) for name in ("count", "probability", "positive")
    )
    kept = count >= 25
    assert 0 < kept.sum() < len(kept)
    pairs = zip(probability[kept] / count[kept], positive[kept] / count[kept], strict=True)
    assert f": {BASELINE} {', '.join(f'{x:.2f} → {y:.2f}' for x, y in pairs)};" in alt


@pytest.mark.parametrize("metric", ["f1", "brier"])
def test_the_best_method_is_ranked_first(metric):
    found = comparison(metrics=(metric,))
    means = [found.mean(method, metric).mean for method in ranked(found)]
    assert means == sorted(means, reverse=metric == "f1")


def test_of_many_classes_the_rarest_have_curves_and_it_says_so(many):
    text, choice = section(many, "Curves")
    assert "of 6 classes, the 3 rarest" in text.text
    assert [name for name, _ in choice.options] == [f"class {name}" for name in reversed(HOSTILE_CLASSES[3:])]
    assert "the 6 best others in PR-AUC" in text.text
    alt = every(choice.options[0][1], Figure)[0].alt
    assert alt.count(";") == 6


def test_a_report_is_written_and_overwritten(tmp_path):
    measured = comparison(methods=["SMOTE"], metrics=["brier"])
    path = tmp_path / "page.html"
    path.write_text("old", encoding="utf-8")
    assert measured.report(str(path)) == path
    reading = Reading(path.read_text(encoding="utf-8"))
    assert json.loads(reading.scripts[0]) == measured.to_dict()
    assert [file.name for file in tmp_path.iterdir()] == ["page.html"]


def test_a_hostile_page_reads_as_it_is(many):
    reading = Reading(html(many))
    assert not reading.faults
    shown = "\n".join(reading.text)
    assert "\u202e" not in shown  # it would turn the text around it
    for text in (*HOSTILE_CLASSES, *HOSTILE_METHODS):
        assert printable(text) in shown
    assert all(SCRIPT not in script for script in reading.scripts)


def test_a_diagnosis_begins_with_the_advice_and_has_a_card_for_each_finding(tmp_path):
    found = diagnosis()
    page = diagnosis_page(found)
    assert page.verdict == found.recommendation.message
    assert page.data == found.to_dict()
    cards = every([block for own in page.sections for block in own.blocks], Card)
    assert [card.message for card in cards] == [finding.message for finding in found.findings]
    values = {finding.name: card.value for finding, card in zip(found.findings, cards, strict=True)}
    assert values["imbalance"] == "168 to 1"
    assert values["few_samples"] == "3 rows"
    assert values["scattered"] == "1 group"
    assert values["noise"] == "28.1 %"
    assert values["hubness"] == "skewness 3.41"
    assert values["leakage"] == ""
    attention = every(section(page, "What needs attention"), Card)
    assert {card.severity for card in attention} == {"problem", "warning"}
    assert found.report(tmp_path / "page.html").is_file()


def test_shares_and_counts_of_the_classes_are_told(tmp_path):
    counts, kinds = every(section(diagnosis_page(diagnosis()), "Classes"), Figure)
    assert "0: 900; 1: 225" in counts.alt
    assert "0: 70.0 % / 20.0 % / 10.0 %" in kinds.alt


def test_a_diagnosis_without_neighbours_or_a_picture_says_what_it_has():
    found = diagnosis()
    classes = [replace(one, safe=None, danger=None, noise=None) for one in found.classes]
    page = diagnosis_page(replace(found, classes=classes, picture=None, findings=[]))
    assert len(every(section(page, "Classes"), Figure)) == 1
    (table,) = every(section(page, "Classes"), Table)
    assert table.rows[0][-1] == "not known"
    assert "Rows in two dimensions" not in [own.heading for own in page.sections]
    assert section(page, "What needs attention")[0].text == "Nothing."


def test_of_very_many_classes_the_rarest_are_drawn_and_it_says_so():
    found = diagnosis([f"class {place}" for place in range(20)])
    counts, _ = every(section(diagnosis_page(found), "Classes"), Figure)
    assert "The 12 rarest of 20 classes." in counts.caption
    assert "class 19" in counts.alt
    assert "class 7:" not in counts.alt


def test_of_too_many_classes_there_is_no_matrix_and_it_says_so():
    found = comparison(methods=["SMOTE"], metrics=["brier"])
    classes = [f"class {place}" for place in range(21)]
    fits = [
        replace(fit, per_class={"recall": [0.5] * 21}, confusion=[[1] * 21] * 21, curves={})
        for fit in found.fits
    ]
    many = replace(found, classes=classes, counts=[9] * 21, fits=fits, rarer=None, pictures={})
    text, choice = section(comparison_page(many), "Which class is taken for which")
    assert "more than 20 classes" in text.text
    assert every([choice], Matrix) == []
    assert len(every([choice], Table)[0].rows) == 21
    assert section(comparison_page(many), "Curves")[0].text == "No curves."
