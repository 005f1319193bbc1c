"""Whether a table is read into memory as a whole, or block by block."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ..streamed.methods import check_method
from .resampling import Job, Resampled, resampled_in_blocks, resampled_in_memory

__all__ = ["way_for"]

_SMALL = 64 << 20  # bytes of numbers: below, a table is read as a whole
_TIMES = 9  # what a method in memory needs, in tables of float64: the frame, its numbers, the result
_STREAMING = "smote, borderline, adasyn, random-over, random-under (numbers only, random ones any column)"


def way_for(job: Job, stream: str) -> tuple[str, Callable[[Job], Resampled]]:
    """How a table will be resampled, in words, and the function that does it.

    Args:
        job: The table and the method.
        stream: "yes", "no" or "auto": block by block, where that is possible, from 64 MiB of numbers on.

    Raises:
        ValueError: If the method cannot do it block by block, and is to, or would not fit into memory.
    """
    size = 8 * job.found.n_rows * len(job.columns.features)
    refusal = _refusal(job)
    if stream == "yes" and refusal:
        raise ValueError(f"--stream yes: {refusal}; block by block work: {_STREAMING}")
    free = _free_memory()
    too_large = _TIMES * size > free
    if stream == "yes" or (stream == "auto" and not refusal and (size > _SMALL or too_large)):
        return "block by block", resampled_in_blocks
    if stream == "auto" and too_large:
        raise ValueError(
            f"{refusal}, which takes some {_TIMES * size / 2**30:,.1f} GiB, and {free / 2**30:,.1f} GiB are "
            f"free; block by block work: {_STREAMING}; --stream no tries all the same"
        )
    return "in memory", resampled_in_memory


def _refusal(job: Job) -> str:
    """Why the method needs the rows in memory; empty where it does not."""
    try:
        check_method(job.resampler, None, "a file that is read block by block")
    except TypeError:
        return f"{type(job.resampler).__name__} needs all rows in memory"
    return ""


def _free_memory() -> float:
    """Bytes that programs may still take; infinite where the system does not say."""
    with suppress(OSError):  # what the files just read take as a cache is free to be used
        known = re.search(r"^MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text(), re.MULTILINE)
        if known:
            return float(known.group(1)) * 1024
    try:
        return float(os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (AttributeError, ValueError, OSError):
        return float("inf")
