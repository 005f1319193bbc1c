"""Every method of examples/train_images.py on long-tailed images, over imbalance ratios and seeds.

    python benchmarks/studies/long_tailed.py --workers 2
    python benchmarks/studies/long_tailed.py --cases digits-20 --seeds 2 --steps 20 --out /tmp/smoke

Each run is one line of results/long_tailed.jsonl, written as soon as it is there, so a study that was stopped
goes on where it was. Lines are told apart by data, ratio, seed, method and settings; after a change of what a
method does, remove its lines. At the end the summary is written: results/long_tailed.csv, and the tables in
long_tailed.md.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "examples"))

from images.runs import check_methods, run_methods
from images.settings import Settings, read_settings
from long_tailed_summary import write_summary
from study_files import append_row, fingerprint, read_rows

from torchsmote.progress import print_line

CASES = ("mnist-20", "mnist-50", "mnist-100", "digits-20")
STUDIES = Path(__file__).resolve().parent
ROOT = STUDIES.parents[1]


class Task(NamedTuple):
    """The runs of one worker: one seed of one case, whose methods share the plainly trained network."""

    case: str
    settings: Settings  # `methods` are those still to be run
    results: Path


def settings_of(case: str, seed: int, steps: int | None = None) -> Settings:
    """The settings of the example's config, with the case's ratio and this seed."""
    data, ratio = case.split("-")
    config = ROOT / "configs" / f"{data}_lt.yaml"
    settings = read_settings([f"--config={config}", f"--imbalance_ratio={ratio}", f"--seed={seed}"])
    return settings if steps is None else replace(settings, steps=steps)


def mark(settings: Settings) -> str:
    """What tells the runs of one set of settings from those of another; the methods are named apart."""
    kept = {key: value for key, value in asdict(settings).items() if key not in ("methods", "seed")}
    return fingerprint(kept)


def run_task(task: Task) -> None:
    """Run what is missing, and write each result as soon as it is there."""
    torch.set_num_threads(1)
    settings = task.settings
    for result in run_methods(settings):
        row = {"case": task.case, "seed": settings.seed, **result.row(), "settings": mark(settings)}
        append_row(task.results, row)
        print_line(f"{task.case}, seed {settings.seed}, {result.method}: {result.seconds:.1f} s")


def open_tasks(
    cases: Sequence[str], seeds: int, methods: Sequence[str], results: Path, steps: int | None = None
) -> list[Task]:
    """What is still to be run, seed by seed, so that a study stopped early has all cases."""
    done = {(row["case"], row["seed"], row["method"], row["settings"]) for row in read_rows(results)}
    tasks = []
    for seed in range(seeds):
        for case in cases:
            settings = settings_of(case, seed, steps)
            own = mark(settings)
            missing = [name for name in methods if (case, seed, name, own) not in done]
            if missing:
                tasks.append(Task(case, replace(settings, methods=missing), results))
    return tasks


def run_study(tasks: Sequence[Task], workers: int) -> None:
    """Run the tasks in processes of one thread each."""
    started = time.perf_counter()
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for number, future in enumerate(as_completed([pool.submit(run_task, task) for task in tasks]), 1):
            future.result()
            minutes = (time.perf_counter() - started) / 60
            print_line(f"{number} of {len(tasks)} seeds of a case done, {minutes:.1f} minutes so far")


def rows_to_show(results: Path, steps: int | None = None) -> list[dict[str, Any]]:
    """The lines of the present settings, of every case and method; a run that was made twice counts once."""
    marks = {case: mark(settings_of(case, 0, steps)) for case in CASES}
    rows = [row for row in read_rows(results) if row["settings"] == marks.get(row["case"])]
    return list({(row["case"], row["seed"], row["method"]): row for row in rows}.values())


def main() -> None:
    """Run what is missing, then summarise all that is there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--cases", nargs="+", choices=CASES, default=CASES)
    parser.add_argument("--seeds", type=int, default=5, help="how many, from 0")
    parser.add_argument("--methods", nargs="+", help="names; all where none are given")
    parser.add_argument("--workers", type=int, default=2, help="processes of one thread each")
    parser.add_argument("--steps", type=int, help="of every training, in place of the config's, to try it")
    parser.add_argument("--out", type=Path, default=STUDIES, help="folder of long_tailed.md and results/")
    options = parser.parse_args()
    results = options.out / "results" / "long_tailed.jsonl"
    methods = check_methods(options.methods)
    run_study(open_tasks(options.cases, options.seeds, methods, results, options.steps), options.workers)
    print(write_summary(rows_to_show(results, options.steps), check_methods(None), options.out))


if __name__ == "__main__":
    main()
