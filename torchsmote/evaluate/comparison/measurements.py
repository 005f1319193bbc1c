"""Measurements: the fits of all methods on all folds, and what follows from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from ...extras import import_extra
from ..differences import Difference, corrected_interval, holm, paired_difference
from ..metrics import metric_of
from ..picture import Picture
from ..strict_json import strict
from .fits import Fit
from .text import paragraph, table
from .verdict import Compared, verdict

__all__ = ["BASELINE", "STANDING", "Measurements"]

BASELINE = "nothing, tuned threshold"
STANDING: tuple[str, ...] = (
    "nothing",
    BASELINE,
    "class weights",
    "random over-sampling",
    "random under-sampling",
)

_MAIN = ("pr_auc", "roc_auc", "f1", "balanced_accuracy", "brier")  # of many metrics, those that text shows
_LONG_NAME = 24  # four columns of figures leave as much of 80 characters to the names, three leave 38


@dataclass(frozen=True)
class Measurements:
    """What ``compare`` measured.

    Attributes:
        methods: Names, in the order of the line-up: the standing ones first.
        metrics: Names; the first is the one the verdict goes by.
        classes: Labels as text, sorted as the labels are.
        counts: Rows of each class.
        rarer: Position of the rarer class of a binary task; None in tasks of more classes.
        fits: One for each method, repeat and fold.
        test_per_train: Test rows per training row, for intervals.
        left_out: Method -> why it is not in the line-up.
        warnings: What the methods warned of, each text once, with how often.
        settings: What repeats it: "arguments", "rows", "columns", "groups", "versions", and the "code".
        pictures: Real and synthetic rows of the first training part, for each method that made rows.
    """

    methods: Sequence[str]
    metrics: Sequence[str]
    classes: Sequence[str]
    counts: Sequence[int]
    rarer: int | None
    fits: Sequence[Fit]
    test_per_train: float
    left_out: Mapping[str, str]
    warnings: Mapping[str, int]
    settings: Mapping[str, Any]
    pictures: Mapping[str, Picture]

    @cached_property
    def _values(self) -> dict[tuple[str, str], list[float]]:
        ordered = sorted(self.fits, key=lambda fit: (fit.repeat, fit.fold))
        return {
            (method, metric): [fit.scores[metric] for fit in ordered if fit.method == method]
            for method in self.methods
            for metric in self.metrics
        }

    def mean(self, method: str, metric: str) -> Difference:
        """Mean of a metric over all folds, with its 95 % interval.

        Raises:
            KeyError: If there is no such method or metric.
        """
        return corrected_interval(self._values[method, metric], test_per_train=self.test_per_train)

    def compared(self, metric: str) -> dict[str, Compared]:
        """Every method but the baseline, against it, fold by fold; Holm's correction over these methods.

        Raises:
            KeyError: If there is no such metric.
        """
        baseline = self._values[BASELINE, metric]
        differences = {
            method: paired_difference(
                self._values[method, metric], baseline, test_per_train=self.test_per_train
            )
            for method in self.methods
            if method != BASELINE
        }
        adjusted = holm([difference.p for difference in differences.values()])
        pairs = zip(differences.items(), adjusted, strict=True)
        return {method: Compared(difference, p) for (method, difference), p in pairs}

    @property
    def verdict(self) -> str:
        """What the differences in the first metric say, in one sentence or a few."""
        return self.verdict_for(self.metrics[0])

    def verdict_for(self, metric: str) -> str:
        """The same of another metric that was measured.

        Raises:
            KeyError: If there is no such metric.
        """
        return verdict(
            metric_of(metric),
            self.compared(metric),
            baseline=BASELINE,
            level=self.mean(BASELINE, metric).mean,
            plain=STANDING[0],
            from_grid=bool(self.settings.get("arguments", {}).get("grid")),
        )

    @property
    def table(self) -> Any:
        """Means: a pandas DataFrame with columns method, metric, mean, low, high (of the 95 % interval).

        Raises:
            ImportError: If pandas is missing (extra ``report``).
        """
        return _frame(self._means(), ("method", "metric", "mean", "low", "high"))

    @property
    def scores(self) -> Any:
        """Every value: a pandas DataFrame with columns method, metric, repeat, fold, value.

        Raises:
            ImportError: If pandas is missing (extra ``report``).
        """
        rows = [
            {"method": fit.method, "metric": metric, "repeat": fit.repeat, "fold": fit.fold, "value": value}
            for fit in self.fits
            for metric, value in fit.scores.items()
        ]
        return _frame(rows, ("method", "metric", "repeat", "fold", "value"))

    @property
    def differences(self) -> Any:
        """Method minus baseline: a pandas DataFrame with columns method, metric, mean, low, high, p, p_holm.

        Raises:
            ImportError: If pandas is missing (extra ``report``).
        """
        return _frame(self._differences(), ("method", "metric", "mean", "low", "high", "p", "p_holm"))

    def _means(self) -> list[dict[str, Any]]:
        return [
            {"method": method, "metric": metric, **_interval(self.mean(method, metric))}
            for method in self.methods
            for metric in self.metrics
        ]

    def _differences(self) -> list[dict[str, Any]]:
        by_metric = {metric: self.compared(metric) for metric in self.metrics}
        return [
            {
                "method": method,
                "metric": metric,
                **_interval(by_metric[metric][method].difference),
                "p": by_metric[metric][method].difference.p,
                "p_holm": by_metric[metric][method].p_holm,
            }
            for method in self.methods
            if method != BASELINE
            for metric in self.metrics
        ]

    def to_dict(self) -> dict[str, Any]:
        """Everything but curves and pictures, as strict JSON takes it: NaN is None, keys are texts."""
        fits = [{key: value for key, value in asdict(fit).items() if key != "curves"} for fit in self.fits]
        values = {
            "verdict": self.verdict,
            "baseline": BASELINE,
            "methods": self.methods,
            "metrics": self.metrics,
            "classes": self.classes,
            "counts": self.counts,
            "rarer": None if self.rarer is None else self.classes[self.rarer],
            "table": self._means(),
            "differences": self._differences(),
            "fits": fits,
            "test_per_train": self.test_per_train,
            "left_out": self.left_out,
            "warnings": self.warnings,
            "settings": self.settings,
        }
        return {key: strict(value) for key, value in values.items()}

    def __str__(self) -> str:
        arguments = self.settings["arguments"]
        classes = ", ".join(
            f"{name}: {count:,}" for name, count in zip(self.classes, self.counts, strict=True)
        )
        positive = "" if self.rarer is None else f"; positive: {self.classes[self.rarer]}"
        facts = (
            f"{sum(self.counts):,} rows, {self.settings['columns']:,} columns; classes {classes}{positive}. "
            f"Model: {arguments['model']}. {arguments['n_splits']} folds x {arguments['n_repeats']}: means "
            "over test parts, ± half of the 95 % interval. Differences are from "
            f"`{BASELINE}`, p is adjusted (Holm)."
        )
        first, *others = self.metrics
        parts = [paragraph(self.verdict), paragraph(facts), self._against_baseline(first)]
        shown = [metric for metric in _MAIN if metric in others] or others
        if shown:
            longest = max(map(len, self.methods))
            parts.append(self._beside(shown[: 4 if longest <= _LONG_NAME else 3]))
        parts += [paragraph(f"Left out: {name}: {reason}", "  ") for name, reason in self.left_out.items()]
        parts += [paragraph(f"Warned {n:,} times: {text}", "  ") for text, n in self.warnings.items()]
        return "\n\n".join(parts)

    def _against_baseline(self, metric: str) -> str:
        compared = self.compared(metric)
        rows = []
        for method in self.methods:
            row = [method, _figure(self.mean(method, metric)), "", ""]
            if method in compared:
                row[2] = _figure(compared[method].difference, "+")
                row[3] = compared[method].p_text
            rows.append(row)
        return table(["method", metric_of(metric).label, "difference", "p"], rows)

    def _beside(self, metrics: Sequence[str]) -> str:
        rows = [
            [method, *(_figure(self.mean(method, metric)) for metric in metrics)] for method in self.methods
        ]
        return table(["method", *(metric_of(metric).label for metric in metrics)], rows)


def _interval(found: Difference) -> dict[str, float]:
    return {"mean": found.mean, "low": found.low, "high": found.high}


def _figure(found: Difference, sign: str = "") -> str:
    return f"{found.mean:{sign}.3f} ±{(found.high - found.low) / 2:.3f}"


def _frame(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> Any:
    return import_extra("pandas", "report").DataFrame(rows, columns=list(columns))
