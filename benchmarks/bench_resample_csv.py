"""`torchsmote resample` of a CSV file that is larger than the memory it may take.

    python benchmarks/bench_resample_csv.py [--gigabytes 5] [--folder FOLDER] [--methods smote random-over]

The table has 30 columns of floats and a target with 2 % minority; it is written block by block. Each method
is run as a user runs it, in a process of its own, whose peak of resident memory (all of it: Python, torch and
the other libraries) is what the system reports when it ends. The result is read again: as many rows as were
announced, the real ones byte for byte. Needs three times the size on the disk.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
from common import machine_info, write_result

D, SHARE, BLOCK = 30, 0.02, 1 << 16
LIMIT = 2.0  # GiB
PIECE = 16 << 20


def make_table(path: Path, size: float) -> int:
    """Two clouds that overlap, written until the file has about ``size`` bytes; how many rows it has."""
    rng, rows = np.random.default_rng(0), 0
    names = [*(f"x{place}" for place in range(D)), "fraud"]
    with path.open("wb") as file:
        file.write((",".join(names) + "\n").encode())
        plain = pyarrow.csv.WriteOptions(include_header=False)
        while file.tell() < size:
            y = (rng.random(BLOCK) < SHARE).astype(np.int8)
            X = rng.standard_normal((BLOCK, D)) + 0.5 * y[:, None]
            table = pa.table([*(pa.array(column) for column in X.T), pa.array(y)], names=names)
            pyarrow.csv.write_csv(table, file, plain)
            rows += BLOCK
    return rows


def resample(source: Path, target: Path, method: str, options: Sequence[str]) -> dict[str, Any]:
    """One run; seconds, peak of memory, and what it printed."""
    words = ["resample", str(source), "-o", str(target), "--target", "fraud", "--method", method]
    command = [sys.executable, "-m", "torchsmote", *words, "--json", *options]
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        printed = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - start
    if process.returncode:
        sys.exit(f"{method}: exit status {process.returncode}")
    found = json.loads(printed)
    result = {
        "options": list(options),
        "way": found["way"],
        "rows_in": found["rows_in"],
        "rows_out": found["rows_out"],
        "made": found["made"],
        "seconds": seconds,
        "peak_gib": used.ru_maxrss * 1024 / 2**30,
        "output_gb": target.stat().st_size / 1e9,
    }
    assert lines_of(target) == found["rows_out"] + 1
    if found["kept"] == found["rows_in"]:
        assert begins_with(target, source)
    return result


def lines_of(path: Path) -> int:
    with path.open("rb") as file:
        return sum(piece.count(b"\n") for piece in iter(lambda: file.read(PIECE), b""))


def begins_with(longer: Path, shorter: Path) -> bool:
    with longer.open("rb") as one, shorter.open("rb") as other:
        return all(one.read(len(piece)) == piece for piece in iter(lambda: other.read(PIECE), b""))


def main(gigabytes: float, folder: Path, methods: Sequence[str], options: Sequence[str]) -> None:
    source, target = folder / "large.csv", folder / "out.csv"
    start = time.perf_counter()
    rows = make_table(source, gigabytes * 1e9)
    size = source.stat().st_size / 1e9
    print(f"{rows:,} rows, {size:.2f} GB, written in {time.perf_counter() - start:.0f} s", flush=True)
    results = {}
    for method in methods:
        results[method] = found = resample(source, target, method, options)
        target.unlink()
        print(
            f"{method}: {found['rows_out']:,} rows out, {found['output_gb']:.2f} GB, "
            f"{found['seconds']:.0f} s, {found['peak_gib']:.2f} GiB",
            flush=True,
        )
    source.unlink()
    write_result(
        "resample_csv",
        {
            "machine": machine_info(),
            "input_gb": size,
            "rows": rows,
            "columns": D,
            "minority": SHARE,
            "limit_gib": LIMIT,
            **results,
        },
    )
    most = max(found["peak_gib"] for found in results.values())
    print(f"at most {most:.2f} GiB of {LIMIT}")
    sys.exit(most > LIMIT)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gigabytes", type=float, default=5)
    parser.add_argument("--folder", default=None)
    parser.add_argument("--methods", nargs="+", default=["smote", "random-over", "random-under"])
    parser.add_argument("--strategy", default=None, help="as for torchsmote resample")
    asked = parser.parse_args()
    more = [] if asked.strategy is None else ["--strategy", asked.strategy]
    if asked.folder is not None:
        Path(asked.folder).mkdir(parents=True, exist_ok=True)
        main(asked.gigabytes, Path(asked.folder), asked.methods, more)
    else:
        with tempfile.TemporaryDirectory() as made:
            main(asked.gigabytes, Path(made), asked.methods, more)
