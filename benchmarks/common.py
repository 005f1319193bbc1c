"""What every benchmark shares: interleaved timing, the machine it ran on, and results as JSON."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.datasets import load_digits

RESULTS = Path(__file__).parent / "results"
PACKAGES = ("torchsmote", "torch", "numpy", "faiss-cpu", "scikit-learn", "imbalanced-learn")


def machine_info() -> dict[str, Any]:
    """The machine, the versions and the commit."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "torch_threads": torch.get_num_threads(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "commit": _commit(),
        "versions": {name: found for name in PACKAGES if (found := _version(name))},
    }


def measure(
    functions: Mapping[str, Callable[[], Any]], repeats: int = 5, warm_up: bool = True
) -> dict[str, list[float]]:
    """Seconds of each call. All functions run once in each repeat, so that a busy spell hits them alike; one
    round before is not counted, or not made where it would take minutes (``warm_up=False``)."""
    seconds: dict[str, list[float]] = {name: [] for name in functions}
    for repeat in range(0 if warm_up else 1, repeats + 1):
        for name, function in functions.items():
            start = time.perf_counter()
            function()
            elapsed = time.perf_counter() - start
            if repeat:
                seconds[name].append(elapsed)
    return seconds


def resident(key: str) -> int:
    """Bytes of resident memory of this process: "VmRSS" now, "VmHWM" at its peak (Linux)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith(key)).split()[1])


def peak_bytes(call: Callable[[], Any]) -> tuple[int, Any]:
    """Peak of resident memory during the call above what was resident before (Linux), and its result."""
    Path("/proc/self/clear_refs").write_text("5")  # resets the peak
    before = resident("VmRSS")
    result = call()
    return resident("VmHWM") - before, result


def in_new_process(script: str, *arguments: str) -> str:
    """What a script prints when run in a process of its own, where nothing freed earlier serves again."""
    command = [sys.executable, script, *arguments]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def digits_left_out(train: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """scikit-learn's digits that are not among those of ``train``, in its dtype, and their classes."""
    digits = load_digits()
    data, used = digits.data.astype(train.dtype), {row.tobytes() for row in train}
    out = np.array([row.tobytes() not in used for row in data])
    return data[out], digits.target[out]


def write_result(name: str, payload: Mapping[str, Any]) -> Path:
    """Write ``benchmarks/results/NAME.json``."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(payload, indent=2) + "\n")
    return path


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def _commit() -> str | None:
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "--short", "HEAD"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
