"""From the measurements on all KEEL tables to means, ranks, and differences over tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from keel_tables import KeelTable, family
from numpy.typing import NDArray
from scipy.stats import rankdata, wilcoxon
from study_files import write_csv, write_tables

from torchsmote.evaluate.comparison.measurements import BASELINE, STANDING
from torchsmote.evaluate.differences import holm
from torchsmote.evaluate.metrics import METRICS

__all__ = ["Effect", "effects", "family_interval", "mean_ranks", "summarize", "write_summary"]

NOTHING, RANDOM = STANDING[0], STANDING[3]
OPPONENTS = {BASELINE: "tuned", NOTHING: "nothing", RANDOM: "random"}  # and what columns call them
START = "<!-- tables: written by keel.py -->"
_DRAWS, _SEED = 10_000, 0

Rows = Sequence[Mapping[str, Any]]
Scores = dict[str, dict[str, float]]  # method -> table -> score


@dataclass(frozen=True)
class Effect:
    """A method less an opponent in one metric, over the tables that both were measured on.

    Attributes:
        mean: Of the differences.
        low: Lower end of the 95 % interval of the mean, by bootstrap over families of tables.
        high: Upper end.
        higher: Tables where the method's score is higher.
        lower: Tables where it is lower.
        tables: How many.
        p: Of Wilcoxon's signed-rank test over tables; zeros count half to each side. NaN, and not counted
            among the tests, where all differences are 0: a threshold moves no ranking and no probability.
        p_holm: The same, adjusted for all methods and models with this opponent and metric.
    """

    mean: float
    low: float
    high: float
    higher: int
    lower: int
    tables: int
    p: float
    p_holm: float

    @property
    def detected(self) -> bool:
        """Whether the interval leaves out 0 and the adjusted p-value is below 0.05, both."""
        return self.p_holm < 0.05 and not self.low <= 0 <= self.high


def scores_of(rows: Rows, model: str, metric: str) -> Scores:
    """The scores of every method with a model, in the order of appearance."""
    found: Scores = {}
    for row in rows:
        if row["model"] == model and row["scores"] is not None:
            found.setdefault(row["method"], {})[row["table"]] = row["scores"][metric]
    return found


def family_interval(differences: Mapping[str, float]) -> tuple[float, float]:
    """A 95 % interval of the mean difference, from draws of whole families of tables.

    Tables of one family are cut from the same rows and tell nearly the same; single tables drawn as if they
    were independent would give too narrow an interval.
    """
    names = sorted({family(name) for name in differences})
    sums = np.array([sum(v for name, v in differences.items() if family(name) == own) for own in names])
    counts = np.array([sum(family(name) == own for name in differences) for own in names])
    drawn = np.random.default_rng(_SEED).integers(len(names), size=(_DRAWS, len(names)))
    low, high = np.quantile(sums[drawn].sum(1) / counts[drawn].sum(1), [0.025, 0.975])
    return float(low), float(high)


def effects(rows: Rows, models: Sequence[str], metric: str, opponent: str) -> dict[tuple[str, str], Effect]:
    """The effect of each (model, method), Holm's correction over all of them."""
    found: dict[tuple[str, str], dict[str, float]] = {}
    for model in models:
        scores = scores_of(rows, model, metric)
        for method, own in scores.items():
            shared = own.keys() & scores.get(opponent, {}).keys()
            if method != opponent and shared:
                found[model, method] = {name: own[name] - scores[opponent][name] for name in sorted(shared)}
    p_values = [_signed_rank(list(values.values())) for values in found.values()]
    return {
        key: _effect(values, p, adjusted)
        for (key, values), p, adjusted in zip(found.items(), p_values, holm(p_values), strict=True)
    }


def _effect(differences: Mapping[str, float], p: float, adjusted: float) -> Effect:
    values = np.array(list(differences.values()))
    signs = (int((values > 0).sum()), int((values < 0).sum()))
    return Effect(float(values.mean()), *family_interval(differences), *signs, len(values), p, adjusted)


def _signed_rank(differences: Sequence[float]) -> float:
    if not np.any(differences):
        return float("nan")
    return float(wilcoxon(differences, zero_method="zsplit", method="approx").pvalue)


def shared_tables(scores: Scores) -> list[str]:
    """Those that every method was measured on."""
    return sorted(set.intersection(*(set(own) for own in scores.values())))


def mean_ranks(scores: Scores, *, higher_is_better: bool) -> dict[str, float]:
    """Mean rank of each method, 1 the best, over the tables that all were measured on; ties share a rank."""
    shared = shared_tables(scores)
    table: NDArray[np.float64] = np.array([[own[name] for name in shared] for own in scores.values()])
    ranks = rankdata(-table if higher_is_better else table, axis=0).mean(1)
    return dict(zip(scores, ranks.tolist(), strict=True))


def summarize(rows: Rows) -> list[dict[str, Any]]:
    """One row for each model, metric and method."""
    models, metrics = _models(rows), _metrics(rows)
    table = []
    for metric in metrics:
        found = {opponent: effects(rows, models, metric, opponent) for opponent in OPPONENTS}
        for model in models:
            scores = scores_of(rows, model, metric)
            ranks = mean_ranks(scores, higher_is_better=METRICS[metric].higher_is_better)
            for method, own in scores.items():
                row = {"model": model, "metric": metric, "method": method, "tables": len(own)}
                row |= {"mean": float(np.mean(list(own.values()))), "mean_rank": ranks[method]}
                for opponent, name in OPPONENTS.items():
                    row |= _flat(found[opponent].get((model, method)), f"minus_{name}")
                table.append({key: _rounded(value) for key, value in row.items()})
    return table


def _flat(effect: Effect | None, name: str) -> dict[str, Any]:
    keys = ("mean", "low", "high", "higher", "lower", "p", "p_holm")
    return {f"{name}_{key}": None if effect is None else getattr(effect, key) for key in keys}


def _rounded(value: Any) -> Any:
    return float(f"{value:.5g}") if isinstance(value, float) else value


def _models(rows: Rows) -> list[str]:
    return list(dict.fromkeys(row["model"] for row in rows))


def _metrics(rows: Rows) -> list[str]:
    return list(next(row["scores"] for row in rows if row["scores"] is not None))


def write_summary(rows: Rows, tables: Mapping[str, KeelTable], folds: Mapping[str, int], folder: Path) -> str:
    """Write results/keel.csv and results/keel_tables.csv, and the tables between the marks of keel.md.

    Returns:
        The tables.
    """
    write_csv(folder / "results" / "keel.csv", summarize(rows))
    write_csv(folder / "results" / "keel_tables.csv", [_facts(table, folds) for table in tables.values()])
    parts = [_from_nothing(rows, metric) for metric in _metrics(rows)]
    parts += [_from_random(rows, metric) for metric in _metrics(rows)]
    parts += [_means(rows, model) for model in _models(rows)]
    text = "\n\n".join([*parts, _refusals(rows)])
    write_tables(folder / "keel.md", START, text)
    return text


def _facts(table: KeelTable, folds: Mapping[str, int]) -> dict[str, Any]:
    return {
        "table": table.name,
        "family": family(table.name),
        "rows": len(table.y),
        "columns": table.X.shape[1],
        "nominal": table.nominal,
        "rare_rows": table.rare,
        "imbalance_ratio": round(table.imbalance_ratio, 3),
        "rows_left_out": table.incomplete,
        "repeated_rows": int(table.X.assign(y=table.y).duplicated().sum()),
        "folds": folds[table.name],
    }


def _from_nothing(rows: Rows, metric: str) -> str:
    """With a tuned threshold and without where a threshold matters; elsewhere they are one."""
    opponents = [BASELINE, NOTHING] if METRICS[metric].reads == "decisions" else [NOTHING]
    left_out = [] if len(opponents) > 1 else [BASELINE, NOTHING]
    return _differences(rows, metric, opponents, left_out)


def _from_random(rows: Rows, metric: str) -> str:
    return _differences(rows, metric, [RANDOM], STANDING)


def _differences(rows: Rows, metric: str, opponents: Sequence[str], left_out: Sequence[str]) -> str:
    models, kind = _models(rows), METRICS[metric]
    heads = [f"{model}, minus {own}" for own in opponents for model in models]
    source = RANDOM if RANDOM in opponents else NOTHING
    better = "" if kind.higher_is_better else " (below 0 is better)"
    lines = [f"### {kind.label}: differences from {source}{better}", ""]
    lines += [f"| method | {' | '.join(heads)} |", "|---" + "|---:" * len(heads) + "|"]
    found = {opponent: effects(rows, models, metric, opponent) for opponent in opponents}
    for method in dict.fromkeys(row["method"] for row in rows if row["method"] not in left_out):
        cells = (_cell(found[own].get((model, method))) for own in opponents for model in models)
        lines.append(f"| {method} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(effect: Effect | None) -> str:
    if effect is None:
        return ""
    if np.isnan(effect.p):
        return "0"
    text = f"{effect.mean:+.3f} ({effect.low:+.3f} … {effect.high:+.3f})"
    return f"**{text}**" if effect.detected else text


def _means(rows: Rows, model: str) -> str:
    metrics = _metrics(rows)
    scores = {metric: scores_of(rows, model, metric) for metric in metrics}
    shared = shared_tables(scores[metrics[0]])
    ranks = {
        metric: mean_ranks(own, higher_is_better=METRICS[metric].higher_is_better)
        for metric, own in scores.items()
    }
    title = f"### {model}: means, and mean ranks, over the {len(shared)} tables that every method ran on"
    lines = [title, "", f"| method | {' | '.join(METRICS[metric].label for metric in metrics)} |"]
    lines += ["|---" + "|---:" * len(metrics) + "|"]
    for method in scores[metrics[0]]:
        means = (np.mean([scores[metric][method][name] for name in shared]) for metric in metrics)
        cells = (f"{mean:.3f} ({ranks[key][method]:.1f})" for mean, key in zip(means, metrics, strict=True))
        lines.append(f"| {method} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _refusals(rows: Rows) -> str:
    """What could not be measured, and where a method left training parts as they were."""
    lines = ["### What could not run, and what did nothing", ""]
    refused = [row for row in rows if row["scores"] is None]
    for method in dict.fromkeys(row["method"] for row in refused):
        own = [row for row in refused if row["method"] == method]
        names = sorted({row["table"] for row in own})
        lines.append(
            f"- {method} failed on {len(names)} tables ({', '.join(names)}), such as: {own[0]['failed']}"
        )
    makers = [row for row in rows if row["scores"] is not None and row["method"] not in STANDING[:3]]
    for method in dict.fromkeys(row["method"] for row in makers if row["unchanged"]):
        own = [row for row in makers if row["method"] == method and row["unchanged"]]
        names = sorted({row["table"] for row in own})
        lines.append(
            f"- {method} left training parts as they were on {len(names)} tables ({', '.join(names)})"
        )
    return "\n".join(lines if len(lines) > 2 else [*lines, "Every method ran on every table."])
