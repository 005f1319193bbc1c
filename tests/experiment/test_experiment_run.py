"""The whole experiment on the digits with a tiny budget: files, table, picture, reproducible figures."""

import csv
from dataclasses import replace

import numpy as np
import pytest

from torchsmote.experiment import METHODS, PRESETS, run_demo
from torchsmote.experiment.plot import mean_curve
from torchsmote.experiment.scores import METRICS

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    return replace(PRESETS["digits"], seeds=2, steps=24, out=str(tmp_path_factory.mktemp("runs") / "digits"))


@pytest.fixture(scope="module")
def outcome(settings):
    return run_demo(settings, progress=False)


def test_results_hold_every_seed_and_method(outcome, settings):
    with open(settings.folder / "results.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(int(row["seed"]), row["method"]) for row in rows] == [(s, m) for s in (0, 1) for m in METHODS]
    for row in rows:
        for name in METRICS:
            assert 0 <= float(row[name]) <= 1
        assert float(row["rows_per_s"]) > 0


def test_summary_is_what_the_results_say(outcome, settings):
    with open(settings.folder / "summary.csv", newline="") as file:
        summary = {row["method"]: row for row in csv.DictReader(file)}
    values = {m: [r.scores.pr_auc for r in outcome.results if r.method == m] for m in METHODS}
    assert summary["as is"]["pr_auc_difference_mean"] == ""
    for name in list(METHODS)[1:]:
        row = summary[name]
        assert float(row["pr_auc"]) == pytest.approx(np.mean(values[name]))
        assert float(row["pr_auc_spread"]) == pytest.approx(np.std(values[name], ddof=1))
        wanted = np.mean(np.subtract(values[name], values["as is"]))
        assert float(row["pr_auc_difference_mean"]) == pytest.approx(wanted)
        assert float(row["pr_auc_difference_low"]) <= wanted <= float(row["pr_auc_difference_high"])


def test_report_and_picture(outcome, settings):
    report = (settings.folder / "report.txt").read_text()
    prose, printed = (text[text.index("seeds: take no") :].split() for text in (report, outcome.report))
    assert prose == printed
    assert (settings.folder / "precision_recall.png").read_bytes().startswith(PNG)
    for name in METHODS:
        assert name.split()[0] in outcome.report
    assert sorted(path.name for path in settings.folder.iterdir()) == sorted(f.name for f in outcome.files)


def test_same_settings_give_the_same_figures(outcome, settings, tmp_path):
    again = run_demo(replace(settings, out=str(tmp_path)), progress=False)
    assert [r.scores for r in again.results] == [r.scores for r in outcome.results]
    for mine, other in zip(again.results, outcome.results, strict=True):
        np.testing.assert_array_equal(mine.test.p, other.test.p)


def test_seeds_and_methods_differ(outcome):
    figures = [result.scores.brier for result in outcome.results]
    assert len(set(figures)) == len(figures)


def test_embedding_smote_makes_rows_in_the_second_half_only(settings):
    from torchsmote.experiment.tables import load_table, split_table
    from torchsmote.experiment.training import train

    parts = split_table(load_table(settings), 0)
    plan = METHODS["EmbeddingSMOTE"](parts.train, settings, 0)
    train(plan, settings)
    drawn = int(plan.model.between.drawn_counts.sum())
    a_step = round(plan.model.between.ratio * settings.batch_size)
    assert drawn == a_step * 12


def test_mean_curve_of_a_perfect_network(outcome):
    part = outcome.results[0].test
    perfect = type(part)(part.y, part.y.astype(float))
    mean, spread = mean_curve([perfect, perfect])
    assert mean.min() == 1
    assert spread.max() == 0
