"""Every over-sampler of torchsmote on the same small table of two columns, in one picture.

    python examples/plot_variants.py
    python examples/plot_variants.py --out variants.png --seed 3

The rare class has two islands, and the frequent one lies between them. The user guide's picture,
docs/variants.png, has the seed 0.
"""

from __future__ import annotations

import argparse
import inspect
from pathlib import Path
from typing import Any

import numpy as np

import torchsmote

# Okabe and Ito's colours, told apart by colour-blind readers too; each kind of row has a marker besides.
FREQUENT = {"c": "#999999", "marker": ".", "s": 14, "linewidths": 0}
RARE = {"c": "#0072B2", "marker": "o", "s": 16, "linewidths": 0}
SYNTHETIC = {"c": "#D55E00", "marker": "x", "s": 12, "linewidths": 0.8}
PACKAGES = ("torchsmote.over_sampling", "torchsmote.other_targets")
LEFT_OUT = {
    "SMOTENC": "needs categorical columns beside numeric ones",
    "SMOTEN": "needs columns that are all categorical",
    "MLSMOTE": "needs several labels a row",
    "SMOTER": "needs a continuous target",
    "SMOGN": "needs a continuous target",
}
OPTIONS: dict[str, dict[str, Any]] = {}  # of a method whose defaults do not suit so small a table


def over_samplers() -> dict[str, type]:
    """The public over-samplers, by name."""
    public = {name: getattr(torchsmote, name) for name in torchsmote.__all__}
    return {
        name: value
        for name, value in sorted(public.items())
        if inspect.isclass(value) and hasattr(value, "fit_resample") and value.__module__.startswith(PACKAGES)
    }


def table(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Three clusters: 150 frequent rows, and 24 and 12 rare ones, shapes (186, 2) and (186,)."""
    rng = np.random.default_rng(seed)
    clusters = [
        rng.normal([0.0, 0.0], [1.0, 1.4], (150, 2)),
        rng.normal([2.4, 0.9], [0.6, 0.7], (24, 2)),
        rng.normal([-2.6, -0.9], [0.5, 0.5], (12, 2)),
    ]
    return np.concatenate(clusters), np.repeat([0, 1], [150, 36])


def draw(methods: dict[str, type], seed: int, out: Path) -> None:
    """One panel for the table and one for each method."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    X, y = table(seed)
    columns = 4
    rows = -(-(len(methods) + 1) // columns)
    figure = Figure(figsize=(3 * columns, 2.6 * rows), layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(rows, columns, sharex=True, sharey=True).ravel()
    for panel, name in zip(panels, ["real rows", *methods], strict=False):
        made = X[:0]
        if name in methods:
            sampler = methods[name](random_state=seed, **OPTIONS.get(name, {}))
            made = sampler.fit_resample(X, y)[0][len(X) :]
        panel.scatter(*X[y == 0].T, **FREQUENT, label="frequent class")
        panel.scatter(*X[y == 1].T, **RARE, label="rare class")
        panel.scatter(*made.T, **SYNTHETIC, label="synthetic")
        options = ", ".join(f"{key}={value}" for key, value in OPTIONS.get(name, {}).items())
        panel.set_title(f"{name}({options})" if options else name, fontsize=10)
        panel.set(xticks=[], yticks=[])
    for panel in panels[len(methods) + 1 :]:
        panel.set_axis_off()
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False)
    figure.savefig(out, dpi=100)


def main() -> None:
    """Draw the picture, and say what is in it and what is not."""
    parser = argparse.ArgumentParser(description=inspect.cleandoc(__doc__ or ""))
    parser.add_argument("--out", type=Path, default=Path("docs/variants.png"), help="PNG file to write")
    parser.add_argument("--seed", type=int, default=0, help="of the table and of every over-sampler")
    given = parser.parse_args()
    found = over_samplers()
    methods = {name: method for name, method in found.items() if name not in LEFT_OUT}
    given.out.parent.mkdir(parents=True, exist_ok=True)
    draw(methods, given.seed, given.out)
    print(f"{given.out}: {len(methods)} over-samplers, {', '.join(methods)}")
    for name in sorted(set(found) & set(LEFT_OUT)):
        print(f"left out: {name} {LEFT_OUT[name]}")


if __name__ == "__main__":
    main()
