"""Train a small CNN on long-tailed images in many ways, and score each on balanced images it never saw.

    python examples/train_images.py --config configs/mnist_lt.yaml
    python examples/train_images.py --config configs/digits_lt.yaml --seed 1
    python examples/train_images.py --config configs/digits_lt.yaml --methods "[plain, class weights]"

Each way is a function of a few lines in examples/images/methods; what they share, down to the initial
weights, is in examples/images/training.py. benchmarks/studies/long_tailed.py runs the same code over seeds.
"""

from __future__ import annotations

import sys

import torch
from images.parts import load_parts
from images.runs import Result, check_methods, run_methods
from images.scores import MEASURES, shots
from images.settings import Settings, read_settings

from torchsmote.cli import exit_status
from torchsmote.progress import show_progress
from torchsmote.threads import torch_threads

NOTES = """
many: digits with over 100 training images; medium: 20 to 100; few: fewer than 20 (Liu et al. 2019).
Seconds of a method that starts from the plain network are those that it adds.
One seed proves nothing: another changes these figures by several points.
Means over seeds, and how sure they are: benchmarks/studies/long_tailed.md."""


def table(settings: Settings, results: list[Result]) -> str:
    """One line a method, at most 100 columns; shares in per cent."""
    head = ("accuracy", "many", "medium", "few", "macro F1", "ECE", "seconds")
    lines = [f"{settings.part + ' images, %':<32}" + "".join(f"{name:>9}" for name in head)]
    for result in results:
        row = result.row()
        shares = ("-" if row[name] is None else f"{100 * row[name]:.1f}" for name in MEASURES)
        cells = [*shares, f"{result.seconds:.1f}"]
        lines.append(f"{result.method:<32}" + "".join(f"{cell:>9}" for cell in cells))
    return "\n".join(lines)


def main() -> int:
    """Read the settings, train, print the table."""
    settings = read_settings()
    names = check_methods(settings.methods)
    train = load_parts(settings).train
    counts = torch.bincount(train.y)
    print(f"{settings.data}, {len(train.y):,} training images, of each digit: {counts.tolist()}")
    print(f"groups: {', '.join(shots(counts.numpy()))}\n")
    results = []
    with torch_threads(settings.threads), show_progress("trainings", len(names)) as advance:
        for result in run_methods(settings):
            results.append(result)
            advance()
    print(table(settings, results))
    print(NOTES)
    return 0


if __name__ == "__main__":
    sys.exit(exit_status("python examples/train_images.py", main))
