"""`torchsmote diagnose` and `compare`: what Python says of the same table, on standard output or as JSON."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from torchsmote import cli
from torchsmote.evaluate import compare, diagnose

QUICK = ["--model", "logistic", "--splits", "2", "--repeats", "1", "--metric", "f1,pr_auc"]


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(0)
    y = np.arange(120) % 5 == 0
    return pd.DataFrame(
        {
            "patient": np.arange(120) // 2,
            "a": rng.normal(size=120) + y,
            "label": np.where(y, "ill", "well"),
            "b": rng.normal(size=120).round(2),
            "kind": rng.choice(["x", "y"], 120),
            "part": np.where(np.arange(120) < 80, "train", "Test"),
        }
    )


@pytest.fixture
def table(frame, tmp_path):
    path = tmp_path / "in.csv"
    frame.to_csv(path, index=False)
    return path


@pytest.fixture
def printed(capsys):
    def run(*words):
        assert cli.main([str(word) for word in words]) == 0
        return capsys.readouterr().out

    return run


def test_diagnose_says_what_python_says(printed, table, frame):
    left_out = ["--ignore", "patient,part"]
    shown = printed("diagnose", table, "--target", "label", *left_out)
    expected = diagnose(frame[["a", "b", "kind"]], frame["label"])
    assert shown == f"{expected}\n"
    assert max(map(len, shown.splitlines())) <= 80
    found = json.loads(printed("diagnose", table, "--target", "label", *left_out, "--json"))
    assert found["findings"] == expected.to_dict()["findings"]
    assert found["n_features"] == 3


def test_diagnose_takes_a_split_and_missing_values(printed, frame, tmp_path):
    holes = frame.drop(columns="patient")
    holes.loc[3, "a"] = np.nan
    holes.loc[4, "kind"] = None
    holes.loc[100, ["a", "b", "kind"]] = holes.loc[0, ["a", "b", "kind"]]
    holes.to_csv(tmp_path / "in.csv", index=False)
    shown = printed("diagnose", tmp_path / "in.csv", "--target", "label", "--split", "part", "--json")
    found = {finding["name"]: finding for finding in json.loads(shown)["findings"]}
    assert found["missing"]["value"] > 0
    assert found["leakage"]["value"] > 0


def test_parquet_gives_the_same_diagnosis(printed, table, frame, tmp_path):
    frame.to_parquet(tmp_path / "in.parquet")
    shown = [printed("diagnose", path, "--target", "label") for path in (table, tmp_path / "in.parquet")]
    assert shown[0] == shown[1]


def test_compare_says_what_python_says(printed, table, frame):
    words = ["compare", table, "--target", "label", "--group", "patient", "--ignore", "part", *QUICK]
    words += ["--categorical", "kind", "--method", "smote,random-over", "--seed", "3"]
    shown = printed(*words)
    expected = compare(
        frame[["a", "b", "kind"]],
        frame["label"].to_numpy(),
        methods=["smote", "random-over"],
        model=LogisticRegression(max_iter=1000),
        metrics=["f1", "pr_auc"],
        groups=frame["patient"],
        n_splits=2,
        n_repeats=1,
        seed=3,
        progress=False,
    )
    assert shown == f"{expected}\n"
    assert max(map(len, shown.splitlines())) <= 80
    found = json.loads(printed(*words, "--json"))
    assert found["verdict"] == expected.verdict


def test_compare_tries_several_settings(printed, table):
    words = ["compare", table, "--target", "label", "--ignore", "patient,part,kind", *QUICK, "--json"]
    found = json.loads(printed(*words, "--k", "3", "--k", "5", "--strategy", "0.5", "--strategy", "ill=96"))
    tried = [name for name in found["methods"] if name.startswith("SMOTE")]
    assert len(tried) == 4


def test_compare_goes_on_from_a_file(printed, table, tmp_path, monkeypatch, capsys):
    words = ["compare", table, "--target", "label", "--ignore", "patient,part,kind", *QUICK]
    words += ["--resume", tmp_path / "fits"]
    first = printed(*words)

    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("torchsmote.cli.compare.measure", interrupt)
    assert cli.main([str(word) for word in words]) == 130
    assert "finished fits are kept in" in capsys.readouterr().err
    monkeypatch.undo()
    monkeypatch.setattr("torchsmote.evaluate.comparison.running._measure", interrupt)
    assert printed(*words) == first


@pytest.mark.parametrize("command", [["diagnose"], ["compare", *QUICK]])
def test_a_page_is_written_whole(printed, table, tmp_path, command):
    page = tmp_path / "new" / "page.html"
    words = [*command, table, "--target", "label", "--ignore", "patient,part,kind", "--report", page]
    shown = printed(*words)
    text = page.read_text(encoding="utf-8")
    assert text.lower().startswith("<!doctype html>")
    assert text.rstrip().endswith("</html>")
    assert f"Written: {page}" in shown
    page.write_text("old")
    printed(*words, "--force", "--json")
    assert page.read_text(encoding="utf-8").startswith(text[:1000])
    assert [path.name for path in page.parent.iterdir()] == ["page.html"]


@pytest.mark.parametrize(
    ("words", "facts"),
    [
        (["compare"], ["'kind'", "text", "--categorical"]),
        (
            ["compare", "--ignore", "kind,part", "--group", "patien"],
            ["--group", "'patien'", "did you mean 'patient'?"],
        ),
        (["compare", "--ignore", "kind,part", "--method", "smoot"], ["smoot"]),
        (["compare", "--ignore", "kind,part", "--metric", "fine"], ["fine"]),
        (["compare", "--ignore", "kind,part", "--splits", "0"], ["--splits"]),
        (["compare", "--ignore", "kind,part", "--splits", "50"], ["--splits", "24"]),
        (["compare", "--ignore", "kind,part", "--model", "forest"], ["--model", "forest"]),
        (
            ["compare", "--ignore", "kind,part", "--categorical", "kind", "--group", "kind"],
            ["--group", "'kind'", "--categorical"],
        ),
        (["compare", "--ignore", "kind", "--categorical", "part", "--group", "b,"], ["--group"]),
        (["compare", "--group", "label"], ["--group", "'label'", "--target"]),
        (["compare", "--ignore", "kind,part", "--jobs", "0"], ["--jobs"]),
        (["diagnose", "--report", "in.csv", "--force"], ["--report", "the table itself"]),
        (["diagnose", "--split", "kind"], ["--split", "'kind'", "train", "'x' in data row"]),
        (["diagnose", "--report", "in.csv"], ["--report", "exists", "--force"]),
        (["compare", "--report", "."], ["--report", "folder"]),
    ],
)
def test_bad_input(capsys, table, monkeypatch, words, facts):
    monkeypatch.chdir(table.parent)
    before = table.stat().st_mtime_ns
    assert cli.main([words[0], "in.csv", "--target", "label", *words[1:]]) == 2
    shown = capsys.readouterr()
    assert (shown.out, shown.err.count("\n")) == ("", 1)
    assert shown.err.startswith("torchsmote: error: ")
    for fact in facts:
        assert fact in shown.err
    assert [path.name for path in table.parent.iterdir()] == ["in.csv"]
    assert table.stat().st_mtime_ns == before


def test_a_group_that_would_leave_a_fold_without_a_class(capsys, frame, tmp_path):
    frame = frame.assign(patient=np.where(frame["label"] == "ill", 0, frame["patient"] + 1))
    frame.to_csv(tmp_path / "in.csv", index=False)
    words = ["compare", str(tmp_path / "in.csv"), "--target", "label", "--group", "patient"]
    assert cli.main([*words, "--ignore", "kind,part"]) == 2
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    for fact in ("--group", "'ill'", "--splits"):
        assert fact in line


def test_dates_are_refused_by_name(capsys, frame, tmp_path):
    frame.assign(day="2024-02-29").to_csv(tmp_path / "in.csv", index=False)
    assert cli.main(["diagnose", str(tmp_path / "in.csv"), "--target", "label"]) == 2
    assert "'day'" in capsys.readouterr().err
