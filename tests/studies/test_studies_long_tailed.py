"""The study of long-tailed images: it goes on where it was stopped, and its tables hold what was run."""

import csv
import json

import long_tailed
import numpy as np
import pytest
from long_tailed import mark, open_tasks, run_study, run_task, settings_of
from long_tailed_summary import START, difference, eos_lines, summarize, write_summary
from study_files import END, append_row, read_rows

from torchsmote.evaluate.differences import paired_difference

METHODS = ["plain", "class weights"]


def rows_of(accuracies, case="mnist-50"):
    """Rows of made accuracies: a list, one a seed, for each method."""
    other = {"many": 0.9, "medium": 0.8, "few": None, "macro_f1": 0.7, "ece": 0.1, "seconds": 2.0}
    return [
        {"case": case, "method": method, "seed": seed, "accuracy": accuracy, **other}
        for method, values in accuracies.items()
        for seed, accuracy in enumerate(values)
    ]


def test_a_rerun_skips_what_is_there(tmp_path):
    results = tmp_path / "results" / "long_tailed.jsonl"
    first, second = open_tasks(["digits-20"], 2, METHODS, results, steps=2)
    run_task(first)
    rows = read_rows(results)
    assert [(row["seed"], row["method"]) for row in rows] == [(0, "plain"), (0, "class weights")]
    assert open_tasks(["digits-20"], 2, METHODS, results, steps=2) == [second]
    (again,) = open_tasks(["digits-20"], 1, [*METHODS, "EmbeddingSMOTE"], results, steps=2)
    assert again.settings.methods == ["EmbeddingSMOTE"]
    assert len(open_tasks(["digits-20"], 2, METHODS, results, steps=3)) == 2  # other settings


def test_a_line_cut_short_is_run_again_and_spoils_no_other(tmp_path, capsys):
    results = tmp_path / "long_tailed.jsonl"
    (task,) = open_tasks(["digits-20"], 1, METHODS, results, steps=2)
    run_task(task)
    whole = results.read_bytes()
    results.write_bytes(whole[:-20])
    (left,) = open_tasks(["digits-20"], 1, METHODS, results, steps=2)
    assert left.settings.methods == ["class weights"]
    assert "cut short" in capsys.readouterr().err
    run_task(left)
    drop = {"seconds"}
    assert [{k: row[k] for k in row.keys() - drop} for row in read_rows(results)] == [
        {k: row[k] for k in row.keys() - drop} for row in map(json.loads, whole.splitlines())
    ]


def test_the_summary_is_of_all_that_is_there_whatever_is_run_now(tmp_path, monkeypatch):
    results, steps = tmp_path / "results" / "long_tailed.jsonl", 2
    for case in ("digits-20", "mnist-20"):
        own = mark(settings_of(case, 0, steps))
        for row in rows_of({"plain": [0.5, 0.6], "MixUp": [0.6, 0.7]}, case):
            append_row(results, {**row, "settings": own})
    append_row(results, {**row, "settings": own})  # a second process made it too
    append_row(results, {**row, "settings": "of old"})
    words = ["--cases", "digits-20", "--methods", "plain", "--seeds", "1", "--steps", "2"]
    monkeypatch.setattr("sys.argv", ["long_tailed.py", *words, "--out", str(tmp_path)])
    long_tailed.main()
    with (tmp_path / "results" / "long_tailed.csv").open() as file:
        found = [(row["case"], row["method"], row["seeds"]) for row in csv.DictReader(file)]
    assert found == [
        (case, method, "2") for case in ("digits-20", "mnist-20") for method in ("plain", "MixUp")
    ]


def test_lines_are_added_to_what_is_there(tmp_path):
    results = tmp_path / "new" / "long_tailed.jsonl"
    for number in range(3):
        append_row(results, {"number": number})
    assert results.read_text().count("\n") == 3
    assert [row["number"] for row in read_rows(results)] == [0, 1, 2]


def test_processes_give_the_same_figures(tmp_path):
    found = []
    for folder in ("own", "process"):
        results = tmp_path / folder / "long_tailed.jsonl"
        (task,) = open_tasks(["digits-20"], 1, ["plain"], results, steps=2)
        run_task(task) if folder == "own" else run_study([task], workers=1)
        (row,) = read_rows(results)
        found.append({key: row[key] for key in row.keys() - {"seconds"}})
    assert found[0] == found[1]


def test_every_case_has_its_config_and_the_seeds_differ():
    for case in long_tailed.CASES:
        one, other = (settings_of(case, seed) for seed in (0, 1))
        assert f"{one.data}-{one.imbalance_ratio:g}" == case
        assert (one.part, one.seed, other.seed) == ("test", 0, 1)
        assert mark(one) == mark(other)


def test_difference_is_paired_by_seed_and_corrected_for_shared_test_images():
    rows = rows_of({"plain": [0.5, 0.6, 0.7], "SMOTE in pixels": [0.6, 0.8]})
    found = difference(rows[::-1], "mnist-50", "SMOTE in pixels")
    expected = paired_difference([0.6, 0.8], [0.5, 0.6], test_per_train=1000 / 4000)
    assert (found.mean, found.low, found.high) == pytest.approx((expected.mean, expected.low, expected.high))
    assert difference(rows, "mnist-50", "plain") is None
    assert difference(rows_of({"plain": [0.5], "x": [0.6]}), "mnist-50", "x") is None


def test_summary_has_means_in_the_order_of_the_methods():
    corrected = "plain (prior-corrected)"
    rows = rows_of({"b": [0.1, 0.3], corrected: [0.3, 0.5], "plain": [0.2, 0.4]})
    table = summarize(rows, ["plain", "not run", "b"])
    assert [(row["method"], row["accuracy"], row["few"]) for row in table] == [
        ("plain", pytest.approx(0.3), None),
        ("b", pytest.approx(0.2), None),
    ]
    assert table[1]["difference_mean"] == pytest.approx(-0.1)
    assert table[1]["from_corrected_mean"] == pytest.approx(-0.2)


def test_eos_is_held_against_its_paper():
    rows = rows_of(
        {"plain": [0.5, 0.51], "SMOTE in pixels": [0.7, 0.71], "EmbeddingSMOTE (EOS)": [0.6, 0.611]}
    )
    plain, pixels = eos_lines(rows, "mnist-50")
    assert "minus `plain`: +10.0 (" in plain.replace("+10.1", "+10.0")
    assert plain.endswith("as in the paper")
    assert "minus `SMOTE in pixels`: -10.0 (" in pixels.replace("-9.9", "-10.0")
    assert pixels.endswith("against the paper")
    assert eos_lines(rows_of({"plain": [0.5, 0.6]}), "mnist-50") == []


def test_tables_replace_what_stands_between_the_marks(tmp_path):
    (tmp_path / "results").mkdir()
    page = tmp_path / "long_tailed.md"
    page.write_text(f"# By hand\n{START}\nold\n{END}\nMore by hand\n")
    rows = rows_of({"plain": [0.5, 0.6], "b": [0.6, 0.7]})
    for _ in range(2):
        tables = write_summary(rows, ["plain", "b"], tmp_path)
        text = page.read_text()
        assert text.startswith("# By hand\n")
        assert text.endswith("More by hand\n")
        assert "old" not in text
        assert text.count(tables) == 1
    assert "| b | 65.0 | +10.0 (+10.0 … +10.0) |  | 90.0 | 80.0 |  | 70.0 | 10.0 | 2 |" in text
    with (tmp_path / "results" / "long_tailed.csv").open() as file:
        found = list(csv.DictReader(file))
    assert np.isclose(float(found[1]["difference_mean"]), 0.1)
