"""The differences from the baseline, drawn for the main metrics and told for all."""

from __future__ import annotations

from ..metrics import metric_of
from ..report.charts import forest_chart
from ..report.page import Block, Details, Figure, Grid, Paragraph
from .forest import across_text, intervals
from .measurements import BASELINE, Measurements

__all__ = ["difference_blocks"]

_MAIN = ("pr_auc", "f1", "brier", "recall")  # how rows are ranked, decided on, and how sure one may be of it
_SHOWN = 3


def difference_blocks(measurements: Measurements) -> list[Block]:
    """A forest plot for each metric: the verdict's own and the main ones open, the others to open."""
    first, *others = measurements.metrics
    main = [first, *(metric for metric in _MAIN if metric in others)][:_SHOWN]
    rest = [metric for metric in others if metric not in main]
    text = (
        f"Each method minus “{BASELINE}”, fold by fold: the mean, and its 95 % interval, widened because "
        "training parts overlap. An interval that holds 0 is no proof of equality. Marked as better or worse "
        "is what is so after Holm's correction for the number of methods."
    )
    blocks: list[Block] = [Paragraph(text), Grid([_forest(measurements, metric) for metric in main])]
    if rest:
        blocks.append(Details("Other metrics", [Grid([_forest(measurements, metric) for metric in rest])]))
    return blocks


def _forest(measurements: Measurements, name: str) -> Figure:
    metric = metric_of(name)
    rows = intervals(measurements, name)
    level = measurements.mean(BASELINE, name).mean
    words = {"better": ", better", "worse": ", worse", "": ""}
    told = "; ".join(f"{row.name} {row.text}{words[row.side]}" for row in rows)
    label = f"{metric.label[0].upper()}{metric.label[1:]}"
    return forest_chart(
        rows,
        title=label,
        across=across_text(name),
        alt=f"Forest plot of differences in {metric.label} from {BASELINE}, with 95 % intervals. {told}.",
        caption=f"{label} of “{BASELINE}”: {level:.3f}.",
    )
