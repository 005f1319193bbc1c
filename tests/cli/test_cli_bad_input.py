"""What a user can get wrong with a table: one line, exit status 2, nothing written."""

from __future__ import annotations

import gzip
import importlib
import os
from pathlib import Path

import pandas as pd
import pytest

from torchsmote import cli, extras
from torchsmote.cli import streaming

GOOD = "a,b,y\n" + "".join(f"{i},{i * i % 7}.5,{'no' if i % 5 else 'yes'}\n" for i in range(40))


@pytest.fixture
def refused(tmp_path, capsys):
    """Run a command that must fail; the one line it says. ``content``: of the file it is given."""

    def start(content, *options, name="in.csv", command="resample", output="out.csv"):
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        before = {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*")}
        words = [str(path), *(["-o", str(tmp_path / output)] if output else []), "--target", "y", *options]
        assert cli.main([command, *words]) == 2
        shown = capsys.readouterr()
        assert shown.out == ""
        assert shown.err.count("\n") == 1
        assert shown.err.startswith("torchsmote: error: ")
        assert {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*")} == before
        return shown.err

    return start


@pytest.mark.parametrize(
    ("content", "facts"),
    [
        ("", ["is empty", "header"]),
        ("\n\n", ["is empty"]),
        ("a,b,y\n", ["header but no rows"]),
        ("a,b,Y\n1,2,3\n", ["--target", "no column 'y'", "did you mean 'Y'?"]),
        ("a,b,label\n1,2,3\n", ["no column 'y'", "'a', 'b', 'label'"]),
        ("a,a,y\n1,2,0\n", ["2 columns called 'a'"]),
        ("y\n0\n1\n", ["no column beside 'y'"]),
        ("a,y\n1,0\n2,0\n", ["only 1 class", "'y'"]),
        ("a,y\n1,0\n2,\n3,1\n", ["'y'", "no label in data row 2"]),
        ("a,y\n1,0.25\n2,0.5\n3,0.125\n", ["'y'", "continuous"]),
        ("a,y\n1,0\n2,0,3\n3,1\n", ["data rows 1 to 3", "Expected 2 columns, got 3"]),
        ('a,y\n1,0\n"2,1\n3,1\n', ["quotation mark", "never closed"]),
        ('a,y\n1" x,0\n2" z,1\n3,1\n', ["quotation mark", "not doubled"]),
        ("a,y\r1,0\r2,1\r", ["header cannot be read"]),
        ("a;y\n1;0\n2;1\n", ["no column 'y'", "'a;y'"]),
        (b"a,y\n1,0\n\xff\xfe,1\n", ["not UTF-8"]),
        (b"\xff\xfea,y\n1,0\n", ["not UTF-8"]),
        (
            GOOD.replace("7,", "seven,", 1),
            ["'a'", "text ('seven' in data row 8)", "--categorical", "--ignore"],
        ),
        (GOOD.replace("\n7,", "\n,", 1), ["'a'", "no finite number in data row 8", "random-over"]),
        (GOOD.replace("\n7,", "\ninf,", 1), ["'a'", "no finite number in data row 8"]),
        (GOOD.replace("\n7,", "\n007,", 1), ["'a'", "'--categorical'"[1:-1], "leading zeros"]),
        ("a,y\n" + "2024-01-01,0\n2024-01-02,1\n" * 9, ["'a'", "date32", "--ignore"]),
        ("a,y\n" + "True,0\nFalse,1\n" * 9, ["'a'", "bool", "--categorical"]),
        ("a,y\n" + "1,0\n" * 20 + "2,1\n" * 3, ["class 1", "3", "--k"]),
    ],
)
def test_a_bad_csv_file(refused, content, facts):
    line = refused(content)
    for fact in facts:
        assert fact in line


def test_all_columns_that_are_no_numbers_are_named_at_once(refused):
    line = refused('a,b,"c, d",y\n' + "x,1,u,0\nz,2,v,1\n" * 9)
    assert "column 'a' holds text ('x' in data row 1)" in line
    assert "--categorical 'a,\"c, d\"' if" in line
    dates = "a,b,c,y\n" + "2024-01-01,1,2024-01-03,0\n2024-01-02,2,2024-01-05,1\n" * 9
    assert "leave it out by --ignore a,c;" in refused(dates, command="diagnose", output=None)


def test_compare_does_not_advise_what_it_refuses_too(refused):
    line = refused(GOOD.replace("\n7,", "\n,", 1), command="compare", output=None)
    assert "no finite number in data row 8" in line
    assert "random-over" not in line


@pytest.mark.parametrize(
    ("options", "facts"),
    [
        (["--method", "smoot"], ["'smoot'", "did you mean"]),
        (["--method", "lee", "--categorical", "a"], ["LeeSMOTE", "categorical"]),
        (["--method", "random-over", "--k", "3"], ["--k", "RandomOverSampler"]),
        (["--k", "0"], ["--k"]),
        (["--k", "many"], ["--k", "many"]),
        (["--k", "50"], ["--k", "50"]),
        (["--strategy", "0.01"], ["--strategy", "0.01"]),
        (["--strategy", "1.5"], ["--strategy", "1.5"]),
        (["--strategy", "minorty"], ["--strategy", "minorty", "did you mean minority?"]),
        (["--strategy", "ye=30"], ["--strategy", "'ye'", "did you mean 'yes'?"]),
        (["--strategy", "yes=3"], ["--strategy", "3", "8"]),
        (["--strategy", "yes=lots"], ["--strategy", "yes=lots"]),
        (["--method", "random-under", "--strategy", "yes=300"], ["--strategy", "300"]),
        (["--categorical", "a,c"], ["--categorical", "'c'"]),
        (["--categorical", "y"], ["--categorical", "--target"]),
        (["--ignore", "a,b"], ["no column beside 'y'"]),
        (["--ignore", "a", "--categorical", "a"], ["--categorical", "--ignore"]),
        (["--group", "a"], ["--group", "--ignore"]),
        (["--strategy", "yes=20,yes=30"], ["--strategy", "twice"]),
        (["--strategy", "yes=99999999999999999999"], ["--strategy", "more rows"]),
        (["--seed", "-1"], ["--seed", "-1"]),
        (["--seed", "4294967296"], ["--seed", "4294967295"]),
        (["--sed", "1"], ["--sed"]),
        (["--stream", "yes", "--method", "tomek"], ["TomekLinks", "block by block work: smote"]),
        (["--stream", "yes", "--categorical", "a"], ["SMOTENC", "block by block work: smote"]),
    ],
)
def test_bad_options(refused, options, facts):
    line = refused(GOOD, *options)
    for fact in facts:
        assert fact in line


@pytest.mark.parametrize(
    ("options", "facts"),
    [
        ({"name": "in.txt"}, ["in.txt", ".csv", ".parquet"]),
        ({"name": "in.parquet"}, ["in.parquet", "Parquet"]),
        ({"name": "in.csv.gz"}, ["in.csv.gz", "gzip"]),
        ({"output": "out.xlsx"}, ["out.xlsx", ".csv"]),
        ({"output": "in.csv"}, ["exists", "--force"]),
        ({"output": "in.csv/new/out.csv"}, ["-o/--output", "in.csv is no folder"]),
        ({"output": "."}, ["folder"]),
        ({"output": None}, ["-o"]),
    ],
)
def test_bad_files(refused, options, facts):
    line = refused(GOOD, **options)
    for fact in facts:
        assert fact in line


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_not_replaced_by_a_file(refused, tmp_path):
    os.mkfifo(tmp_path / "out.csv")
    assert "out.csv is a device or a pipe" in refused(GOOD, "--force")


def test_what_cannot_be_written_is_refused_before_the_table_is_read(refused, monkeypatch):
    monkeypatch.setattr("torchsmote.cli.inputs.survey", None)
    refused(GOOD, output="out.xlsx")
    refused(GOOD, output="in.csv/out.csv")


def test_a_file_that_is_not_there_and_a_folder(refused, tmp_path):
    assert "nowhere.csv" in refused(None, name="nowhere.csv")
    (tmp_path / "folder.csv").mkdir()
    assert "folder" in refused(None, name="folder.csv")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_to(refused, tmp_path):
    (tmp_path / "closed").mkdir(mode=0o500)
    assert "closed" in refused(GOOD, output="closed/out.csv")


def test_too_large_for_memory_says_what_streams(refused, monkeypatch):
    monkeypatch.setattr(streaming, "_free_memory", lambda: 1000.0)
    line = refused(GOOD, "--method", "tomek")
    for fact in ("TomekLinks", "GiB", "smote, borderline, adasyn, random-over, random-under", "--stream no"):
        assert fact in line


def test_what_streams_does_so_where_memory_is_short(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(streaming, "_free_memory", lambda: 1000.0)
    (tmp_path / "in.csv").write_text(GOOD)
    words = ["resample", str(tmp_path / "in.csv"), "-o", str(tmp_path / "out.csv"), "--target", "y"]
    assert cli.main(words) == 0
    assert "block by block" in capsys.readouterr().out


@pytest.mark.skipif(not os.path.exists("/proc/meminfo"), reason="needs Linux")
def test_memory_that_caches_files_is_free():
    available = Path("/proc/meminfo").read_text().partition("MemAvailable:")[2].split()[0]
    assert streaming._free_memory() > 0.5 * 1024 * int(available)


def test_large_tables_stream_by_themselves(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(streaming, "_SMALL", 100)
    (tmp_path / "in.csv").write_text(GOOD)
    words = ["resample", str(tmp_path / "in.csv"), "-o", str(tmp_path / "out.csv"), "--target", "y"]
    assert cli.main(words) == 0
    assert "block by block" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "facts"),
    [
        ([], ["distances need numbers"]),
        (["--categorical", "a"], ["--categorical", "no categories"]),
        (["--method", "random-over"], ["-o/--output", "CSV", "Parquet"]),
        (["--target", "a"], ["--target"]),
    ],
)
def test_lists_in_a_parquet_file(refused, tmp_path, options, facts):
    frame = pd.DataFrame({"a": [[1], [2]], "y": [0, 1]})
    frame.to_parquet(tmp_path / "in.parquet")
    output = "out.csv" if "random-over" in options else "out.parquet"
    line = refused(None, *options, name="in.parquet", output=output)
    for fact in ("'a' holds values of type list", *facts):
        assert fact in line


def test_bytes_have_no_place_in_a_csv_file(refused, tmp_path):
    pd.DataFrame({"a": [1.5, 2.5], "y": [0, 1], "b": [b"\xff", b"\xfe"]}).to_parquet(tmp_path / "in.parquet")
    line = refused(None, "--ignore", "b", name="in.parquet")
    for fact in ("'b' holds values of type binary", "CSV", "Parquet"):
        assert fact in line


@pytest.mark.parametrize("broken", [lambda data: data[:-20], lambda data: data[:60] + b"x" * 20 + data[80:]])
def test_a_broken_gzip_file(refused, broken):
    line = refused(broken(gzip.compress(GOOD.encode() + bytes(range(256)) * 9)), name="in.csv.gz")
    assert "in.csv.gz is not a whole gzip file" in line


def test_text_that_is_not_utf8_anywhere(refused):
    for content in (
        GOOD.replace("yes", "j\xe4"),
        GOOD.replace("\n7,", "\n\xfc,"),
        GOOD.replace("b,", "\xfc,"),
    ):
        assert "not UTF-8" in refused(content.encode("latin1"))


@pytest.mark.parametrize("missing", ["pyarrow", "pandas"])
def test_without_the_extra(refused, monkeypatch, missing):
    def without(module):
        if module.partition(".")[0] == missing:
            raise ModuleNotFoundError(f"No module named {module!r}", name=module)
        return importlib.import_module(module)

    monkeypatch.setattr(extras, "import_module", without)
    line = refused(GOOD, "--stream", "yes")
    assert missing in line
    assert 'pip install "torchsmote[cli]"' in line


@pytest.mark.parametrize("output", ["out.csv", "out.parquet", "out.csv.gz"])
def test_ctrl_c_leaves_nothing(tmp_path, capsys, monkeypatch, output):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    (tmp_path / "in.csv").write_text(GOOD)
    monkeypatch.setattr(cli.resampling, "_whole_table", interrupt)
    words = ["resample", str(tmp_path / "in.csv"), "-o", str(tmp_path / output), "--target", "y"]
    assert cli.main(words) == 130
    assert capsys.readouterr() == ("", "Interrupted: nothing was written\n")
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]
