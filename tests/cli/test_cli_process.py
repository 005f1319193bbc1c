"""The command line in a process of its own: signals, a full disk, memory."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from itertools import islice

import numpy as np
import pytest

from torchsmote import cli

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals and limits")

ROWS, COLUMNS = 300_000, 20  # some 50 MB of text and of numbers


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


def test_ctrl_c_while_a_file_is_written_leaves_what_was_there(large, tmp_path):
    output = tmp_path / "out.csv"
    output.write_text("as it was")
    words = [sys.executable, "-m", "torchsmote", *words_for(large, output, "--force")]
    # A shell's background job ignores the signal, and so do its children unless told otherwise.
    with subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        try:
            while len(list(tmp_path.iterdir())) < 2:  # until the partial file is there
                assert process.poll() is None
                time.sleep(0.001)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert (process.returncode, out, err) == (130, "", "Interrupted: nothing was written\n")
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]
    assert output.read_text() == "as it was"


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


PEAK = """
import resource, sys
import pandas, pyarrow.csv
from torchsmote import cli
from torchsmote.cli.tables import text_rows
text_rows._READ = 1 << 20
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
assert cli.main(sys.argv[1:]) == 0
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024, file=sys.stderr)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the unit of the peak is the system's own")
def test_memory_is_less_than_the_file(large, tmp_path):
    words = [sys.executable, "-c", PEAK, *words_for(large, tmp_path / "out.csv", "--strategy", "0.3")]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=300)
    assert "block by block" in done.stdout
    assert int(done.stderr) < large.stat().st_size
