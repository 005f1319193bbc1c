"""The command line: help, exit statuses, one line for whatever a user can get wrong."""

import importlib
import json
import os
import signal
import subprocess
import sys
from importlib.metadata import version

import pytest

from torchsmote import cli, extras
from torchsmote.experiment import demo, tables

TINY = ["--data", "digits", "--seeds", "2", "--steps", "5", "--methods", "[as is, SMOTEDataset]"]


def only_line(captured):
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    return captured.err


def test_module_runs_and_lists_the_commands():
    command = [sys.executable, "-W", "error", "-m", "torchsmote", "--help"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    for command in cli.COMMANDS:
        assert command in shown


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


def test_piped_output_is_as_wide_as_columns_says(capsys, monkeypatch, tmp_path):
    for columns in (70, 90):
        monkeypatch.setenv("COLUMNS", str(columns))
        assert cli.main(["demo", *TINY, "--out", str(tmp_path)]) == 0
        report = capsys.readouterr().out.partition("Written:")[0]
        assert columns - 25 < max(map(len, report.splitlines())) <= columns
        assert 90 < max(map(len, (tmp_path / "report.txt").read_text().splitlines())) <= 100


def test_outside_a_terminal_each_phase_and_seed_is_a_line(capsys, tmp_path):
    assert cli.main(["demo", *TINY, "--first-seed", "4", "--out", str(tmp_path)]) == 0
    phase, *seeds = capsys.readouterr().err.splitlines()
    assert phase == "reading the digits"
    assert [line.split(":")[0] for line in seeds] == ["seed 4 (1 of 2)", "seed 5 (2 of 2)"]


def test_version(capsys):
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"torchsmote {version('torchsmote')}\n"


@pytest.mark.parametrize("stage", ["load_table", "run_methods", "plot_curves"])
def test_interrupt_is_one_line_and_leaves_no_folder(capsys, monkeypatch, tmp_path, stage):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(demo, stage, interrupt)
    assert cli.main(["demo", *TINY, "--out", str(tmp_path / "new/deep")]) == 130
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.splitlines()[-1].startswith("Interrupted")
    assert "nothing was written" in shown.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for another process")
def test_interrupted_process(tmp_path):
    words = [*TINY, "--steps", "10000000", "--out", str(tmp_path / "new")]
    command = [sys.executable, "-m", "torchsmote", "demo", *words]
    pipes = {"stderr": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    # A shell's background job ignores the signal, and so do its children unless told otherwise.
    with subprocess.Popen(
        command, **pipes, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
    ) as process:
        try:
            while not process.stderr.readline().startswith("seed 0"):
                assert process.poll() is None
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert (process.returncode, out, err.count("\n")) == (130, "", 1)
    assert err.startswith("Interrupted")
    assert list(tmp_path.iterdir()) == []


def test_json_alone_on_standard_output(capsys, tmp_path):
    assert cli.main(["demo", *TINY, "--json", "--out", str(tmp_path)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [row["method"] for row in found["methods"]] == ["as is", "SMOTEDataset"]
    assert found["settings"]["steps"] == 5
    assert "2 seeds: take no conclusion" in found["verdict"]
    assert len(found["verdicts"]) == 1


@pytest.mark.parametrize(
    ("words", "facts"),
    [
        (["--seeds", "1"], ["`seeds`", "2", "1", "torchsmote demo --help"]),
        (["--seeds", "many"], ["`seeds`", "many", "torchsmote demo --help"]),
        (["--seedz", "3"], ["--seedz", "`seeds`", "torchsmote demo --help"]),
        (["--batch-sizes", "3"], ["--batch-sizes", "`batch_size`"]),
        (["--methods", "SMOTE"], ["`methods`", "'SMOTE'", "EmbeddingSMOTE", '--methods "[']),
        (["--methods", "as", "is"], ["[as is, class weights"]),
        (["--hidden", "wide"], ["`hidden`", "wide", "[64]"]),
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
    error = [line for line in lines if not line.startswith(("seed ", "reading "))]  # it may have begun
    assert len(error) == 1
    assert "<class" not in error[0]
    assert "typing." not in error[0]
    for fact in facts:
        assert fact in error[0]


@pytest.mark.parametrize(
    ("content", "facts"),
    [
        ("stepz: 3", ["'stepz'", "`steps`"]),
        ("steps: some", ["`steps`", "some"]),
        ("hidden: 64", ["`hidden`", "64", "[64]"]),
        ("methods: SMOTE", ["`methods`", "SMOTE", "[as is, class weights"]),
    ],
)
def test_bad_config_is_one_line_with_the_remedy(capsys, tmp_path, content, facts):
    path = tmp_path / "own.yaml"
    path.write_text(content)
    assert cli.main(["demo", "--config", str(path)]) == 2
    line = only_line(capsys.readouterr())
    assert "<class" not in line
    for fact in facts:
        assert fact in line


def test_unknown_method_is_refused_before_the_table_is_read(capsys):
    assert cli.main(["demo", "--methods", "magic"]) == 2
    assert "'magic'" in only_line(capsys.readouterr())


def test_folder_that_cannot_be_made_is_named(capsys, tmp_path):
    (tmp_path / "file").write_text("")
    assert cli.main(["demo", *TINY, "--out", str(tmp_path / "file/below")]) == 2
    line = capsys.readouterr().err.splitlines()[-1]
    for fact in ("`out`", str(tmp_path / "file/below"), "--out"):
        assert fact in line


def test_unknown_command_is_one_line_and_status_2(capsys):
    assert cli.main(["dmeo"]) == 2
    line = only_line(capsys.readouterr())
    for fact in ("'dmeo'", "did you mean demo?", "torchsmote --help"):
        assert fact in line


def test_unknown_option_before_the_command_is_one_line_and_status_2(capsys):
    assert cli.main(["--quiet", "demo"]) == 2
    assert "'--quiet'" in only_line(capsys.readouterr())


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
    def offline(data_home, say):
        raise ConnectionError("no route")

    monkeypatch.setattr(tables, "fetch_kdd04", offline)
    words = ["--seeds", "2", "--steps", "5", "--methods", "[as is]", "--json", "--out", str(tmp_path)]
    assert cli.main(["demo", *words]) == 0
    settings = json.loads(capsys.readouterr().out)["settings"]
    assert (settings["data"], settings["seeds"], settings["steps"]) == ("digits", 2, 5)
    report = (tmp_path / "report.txt").read_text()
    assert report.startswith("No KDD04: no route")
    assert "digits" in report.splitlines()[1]
