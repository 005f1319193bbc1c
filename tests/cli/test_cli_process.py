"""The command line in a process of its own: signals, a full disk, memory."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from itertools import islice

import numpy as np
import pytest

from torchsmote import cli
from torchsmote.cli.endings import ended_by_signals

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals and limits")

ROWS, COLUMNS = 200_000, 20  # some 32 MB of text and of numbers


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    path = tmp_path_factory.mktemp("large") / "large.csv"
    rng = np.random.default_rng(0)
    part = rng.standard_normal((ROWS // 10, COLUMNS)).round(5)
    labels = (rng.random(ROWS // 10) < 0.05).astype(int)
    lines = "".join(
        f"{','.join(map(str, row))},{label}\n"
        for row, label in zip(part.tolist(), labels.tolist(), strict=True)
    )
    path.write_text(",".join([*(f"x{place}" for place in range(COLUMNS)), "y"]) + "\n" + lines * 10)
    return path


@pytest.fixture(scope="module")
def small(large):
    path = large.with_name("small.csv")
    with large.open() as file:
        path.write_text("".join(islice(file, 8000)))
    return path


def words_for(path, output, *options):
    return ["resample", str(path), "-o", str(output), "--target", "y", "--stream", "yes", *options]


@pytest.mark.skipif(
    threading.current_thread() is not threading.main_thread(), reason="signals come to the main thread"
)
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_while_a_file_is_written_leaves_what_was_there(small, tmp_path, monkeypatch, capsys, name):
    number = getattr(signal, name)
    output = tmp_path / "out.csv"
    output.write_text("as it was")
    make = cli.resampling._whole_table

    def signalled(*arguments):
        assert len(list(tmp_path.iterdir())) == 2  # the partial file is there
        signal.raise_signal(number)
        return make(*arguments)

    monkeypatch.setattr(cli.resampling, "_whole_table", signalled)
    # A shell's background job ignores Ctrl-C, and so do its children.
    as_usual = signal.default_int_handler if name == "SIGINT" else signal.SIG_DFL
    before = signal.signal(number, as_usual)
    try:
        status = cli.main(words_for(small, output, "--force"))
        assert signal.getsignal(number) is as_usual
    finally:
        signal.signal(number, before)
    verb = "Interrupted" if name == "SIGINT" else "Ended"
    assert (status, *capsys.readouterr()) == (128 + number, "", f"{verb}: nothing was written\n")
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]
    assert output.read_text() == "as it was"


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_process_that_was_forked_ends_at_once():
    with ended_by_signals():
        child = os.fork()
        if not child:
            with suppress(BaseException):
                signal.raise_signal(signal.SIGTERM)
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGTERM


def test_a_reader_that_has_gone(monkeypatch, capsys):
    for shown in ("few", "many" * 100_000):  # fails when it is flushed, and when it is printed
        reading, writing = os.pipe()
        os.close(reading)
        with monkeypatch.context() as patch, os.fdopen(writing, "w") as pipe:
            patch.setattr(sys, "stdout", pipe)
            assert cli.exit_status("torchsmote", lambda shown=shown: print(shown) or 0) == 141
    assert capsys.readouterr().err == ""


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_standard_output_on_a_full_disk_is_one_line(monkeypatch, capsys):
    with monkeypatch.context() as patch, open("/dev/full", "w", encoding="utf-8") as full:
        patch.setattr(sys, "stdout", full)
        assert cli.exit_status("torchsmote", lambda: print("few") or 0) == 2
    shown = capsys.readouterr().err
    assert shown.startswith("torchsmote: error: ")
    assert shown.count("\n") == 1


@pytest.mark.parametrize("kind", ["csv", "csv.gz", "parquet"])
def test_a_full_disk_is_one_line_and_leaves_nothing(small, tmp_path, capsys, kind):
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 18, hard))
    try:
        status = cli.main(words_for(small, tmp_path / f"out.{kind}", "--method", "random-over"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    shown = capsys.readouterr()
    assert (status, shown.out) == (2, "")
    assert shown.err.startswith(f"torchsmote: error: {tmp_path}/out.{kind} cannot be written: ")
    assert shown.err.endswith("File too large\n")
    assert shown.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


# The peak that the system reports of a process (ru_maxrss) has that of the one which started it in it.
PEAK = """
import sys
from pathlib import Path
from torchsmote import cli
from torchsmote.cli.tables import text_rows

text_rows._READ = 1 << 18
small, large, *words = sys.argv[1:]


def peak():
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) * 1024


for method in ("smote", "random-over"):
    assert cli.main(["resample", small, *words, "--method", method]) == 0
    Path("/proc/self/clear_refs").write_text("5")
    before = peak()
    assert cli.main(["resample", large, *words, "--method", method]) == 0
    print(peak() - before, file=sys.stderr)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak where Linux has it")
def test_memory_is_less_than_the_file(large, small, tmp_path):
    words = words_for(large, tmp_path / "out.csv", "--strategy", "0.1", "--force")[1:]
    command = [sys.executable, "-c", PEAK, str(small), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    assert "block by block" in done.stdout
    smote, copies = map(int, done.stderr.split())
    size = large.stat().st_size
    assert smote < 0.9 * size  # 0.6 of it; 2.4 in memory
    assert copies < 0.5 * size
