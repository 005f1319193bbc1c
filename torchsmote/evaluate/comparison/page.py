"""A comparison as a page: the verdict, what it rests on, and how to get it again."""

from __future__ import annotations

from ..report.page import Choice, Links, Page, Paragraph, Section, Table
from ..report.projection import picture_figure
from ..report.settings import settings_section
from .measurements import Measurements
from .page_curves import curve_blocks
from .page_differences import difference_blocks
from .page_tables import confusion_blocks, score_table

__all__ = ["comparison_page"]

_SOURCES = (
    (
        "Nadeau and Bengio, Inference for the generalization error, 2003 (the intervals)",
        "https://doi.org/10.1023/A:1024068626366",
    ),
    (
        "Holm, A simple sequentially rejective multiple test procedure, 1979 (many methods at once)",
        "https://www.jstor.org/stable/4615733",
    ),
    (
        "Saito and Rehmsmeier, The precision-recall plot is more informative than the ROC plot, 2015",
        "https://doi.org/10.1371/journal.pone.0118432",
    ),
    (
        "Elor and Averbuch-Elor, To SMOTE, or not to SMOTE?, 2022 (why a tuned threshold is the opponent)",
        "https://doi.org/10.48550/arXiv.2201.08528",
    ),
)


def comparison_page(measurements: Measurements) -> Page:
    """The page of a comparison; it reads nothing else.

    Raises:
        ImportError: If matplotlib is missing (extra ``report``).
    """
    sections = [
        Section("Differences from the baseline", difference_blocks(measurements)),
        Section("Curves", curve_blocks(measurements)),
        Section("Scores", [score_table(measurements)]),
        Section("Which class is taken for which", confusion_blocks(measurements)),
    ]
    if measurements.pictures:
        sections.append(Section("Real and synthetic rows", _pictures(measurements)))
    sections += [
        *_notes(measurements),
        Section("Sources", [Links(_SOURCES)]),
        settings_section(measurements.settings),
    ]
    return Page(
        "Comparison: does resampling help on this table?",
        measurements.verdict,
        _facts(measurements),
        sections,
        measurements.to_dict(),
    )


def _facts(measurements: Measurements) -> str:
    folds = len({(fit.repeat, fit.fold) for fit in measurements.fits})
    counts = zip(measurements.classes, measurements.counts, strict=True)
    rarest = sorted(counts, key=lambda pair: pair[1])
    named = "; ".join(f"{name}: {count:,} rows" for name, count in rarest[:3])
    more = f"; {len(rarest) - 3} more classes" if len(rarest) > 3 else ""
    return (
        f"{len(measurements.methods):,} methods, each trained on {folds:,} training parts and judged on the "
        "rows left out of them; only training parts were resampled. "
        f"{sum(measurements.counts):,} rows in all ({named}{more})."
    )


def _pictures(measurements: Measurements) -> list[Paragraph | Choice]:
    order = sorted(range(len(measurements.counts)), key=lambda place: measurements.counts[place])
    rarest = [measurements.classes[place] for place in order]
    options = [(name, [picture_figure(own, rarest)]) for name, own in measurements.pictures.items()]
    return [
        Paragraph("The first training part, scaled as the model saw it, before and after each method."),
        Choice("Method shown", options),
    ]


def _notes(measurements: Measurements) -> list[Section]:
    """What somebody has to know before believing the rest; no section where there is nothing."""
    tables = []
    if measurements.left_out:
        rows = list(measurements.left_out.items())
        tables.append(Table("Not in the line-up", ["method", "why"], rows, "ll"))
    if measurements.warnings:
        counted = [(text, f"{times:,}") for text, times in measurements.warnings.items()]
        tables.append(Table("Warnings while training", ["warning", "times"], counted, "lr"))
    return [Section("Left out, and warnings", tables)] if tables else []
