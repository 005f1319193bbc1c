"""The command line: help, exit statuses, one line for whatever a user can get wrong."""

import importlib
import json
import subprocess
import sys

import pytest

from torchsmote import cli, extras
from torchsmote.experiment import tables

TINY = ["--data", "digits", "--seeds", "2", "--steps", "5", "--methods", "[as is, SMOTEDataset]"]


def only_line(captured):
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    return captured.err


def test_module_runs_and_lists_only_what_exists():
    command = [sys.executable, "-W", "error", "-m", "torchsmote", "--help"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    assert "demo" in shown
    for later in ("diagnose", "resample", "compare"):
        assert later not in shown


def test_demo_help_names_and_explains_the_settings(capsys):
    with pytest.raises(SystemExit) as stopped:
        cli.main(["demo", "--help"])
    assert stopped.value.code == 0
    shown = capsys.readouterr().out
    for fact in ("--config", "--seeds", "--sampling_strategy", "Rare rows per common row", "default: 0.1"):
        assert fact in shown


def test_demo_prints_the_table_and_writes_files(capsys, tmp_path):
    assert cli.main(["demo", *TINY, "--out", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    assert "PR-AUC" in shown
    assert str(tmp_path / "results.csv") in shown


def test_json_alone_on_standard_output(capsys, tmp_path):
    assert cli.main(["demo", *TINY, "--json", "--out", str(tmp_path)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [row["method"] for row in found["methods"]] == ["as is", "SMOTEDataset"]
    assert found["settings"]["steps"] == 5
    assert len(found["verdicts"]) == 1


@pytest.mark.parametrize(
    ("words", "facts"),
    [
        (["--seeds", "1"], ["`seeds`", "2", "1"]),
        (["--seeds", "many"], ["seeds", "many"]),
        (["--seedz", "3"], ["--seedz"]),
        (["--data", "iris"], ["data", "iris"]),
        (["--data", "digits", "--batch_size", "100000"], ["`batch_size`", "100000"]),
        (["--data", "digits", "--methods", "[as is, magic]"], ["`methods`", "'magic'", "EmbeddingSMOTE"]),
        (["--sampling_strategy", "1.5"], ["`sampling_strategy`", "1.5"]),
        (["--config", "nowhere.yaml"], ["nowhere.yaml"]),
    ],
)
def test_bad_input_is_one_line_and_status_2(capsys, tmp_path, words, facts):
    assert cli.main(["demo", *words, "--out", str(tmp_path)]) == 2
    lines = capsys.readouterr().err.splitlines()
    error = [line for line in lines if not line.startswith("seed ")]  # the progress bar may have begun
    assert len(error) == 1
    for fact in facts:
        assert fact in error[0]


def test_unknown_command_is_one_line_and_status_2(capsys):
    assert cli.main(["dmeo"]) == 2
    assert "dmeo" in only_line(capsys.readouterr())


def test_no_command_is_one_line_and_status_2(capsys):
    assert cli.main([]) == 2
    assert "demo" in only_line(capsys.readouterr())


@pytest.mark.parametrize("missing", ["jsonargparse", "rich", "matplotlib"])
def test_missing_package_is_one_line_with_the_remedy(capsys, monkeypatch, tmp_path, missing):
    def without(module):
        if module.partition(".")[0] == missing:
            raise ModuleNotFoundError(f"No module named {module!r}", name=module)
        return importlib.import_module(module)

    monkeypatch.setattr(extras, "import_module", without)
    assert cli.main(["demo", *TINY, "--out", str(tmp_path)]) == 2
    line = only_line(capsys.readouterr())
    assert missing in line
    assert 'pip install "torchsmote[demo]"' in line


def test_without_network_the_digits_are_used_and_named(capsys, monkeypatch, tmp_path):
    def offline(data_home):
        raise ConnectionError("no route")

    monkeypatch.setattr(tables, "fetch_kdd04", offline)
    words = ["--seeds", "2", "--steps", "5", "--methods", "[as is]", "--json", "--out", str(tmp_path)]
    assert cli.main(["demo", *words]) == 0
    settings = json.loads(capsys.readouterr().out)["settings"]
    assert (settings["data"], settings["seeds"], settings["steps"]) == ("digits", 2, 5)
    report = (tmp_path / "report.txt").read_text()
    assert report.startswith("No KDD04: no route")
    assert "digits" in report.splitlines()[1]
