"""A diagnosis as a page: what to do first, then what was found, then the classes it was found in."""

from __future__ import annotations

from collections.abc import Sequence

from ..report.charts import Bar, bar_chart
from ..report.page import Block, Card, Code, Details, Figure, Grid, Links, Page, Paragraph, Section, Table
from ..report.projection import picture_figure
from ..report.settings import settings_section
from .examination import ClassRows, Examination
from .findings import Finding, Recommendation
from .words import amount, percent, plural

__all__ = ["diagnosis_page"]

_TITLES = {
    "imbalance": "Imbalance",
    "few_samples": "Classes with few rows",
    "noise": "Rows among other classes",
    "scattered": "Scattered class",
    "duplicates": "Near-duplicates",
    "overlap": "Overlap of classes",
    "unscaled": "Columns on different scales",
    "constant": "Constant columns",
    "categorical": "Columns of categories",
    "missing": "Missing values",
    "high_dimension": "High dimension",
    "hubness": "Hubs among neighbours",
    "leakage": "Rows on both sides of the split",
}
_COUNTED = {"few_samples": "row", "scattered": "group", "constant": "column", "categorical": "column"}
_SHARES = ("noise", "duplicates", "overlap", "missing", "leakage")
_OTHERS = {
    "imbalance": "{} to 1",
    "unscaled": "{} to 1",
    "high_dimension": "{} dimensions",
    "hubness": "skewness {}",
}
_MOST_BARS = 12
_SOURCES = (
    (
        "Chawla et al., SMOTE: synthetic minority over-sampling technique, 2002",
        "https://doi.org/10.1613/jair.953",
    ),
    (
        "Han, Wang and Mao, Borderline-SMOTE (safe, danger and noise rows), 2005",
        "https://doi.org/10.1007/11538059_91",
    ),
    (
        "Elor and Averbuch-Elor, To SMOTE, or not to SMOTE?, 2022",
        "https://doi.org/10.48550/arXiv.2201.08528",
    ),
)


def diagnosis_page(examination: Examination) -> Page:
    """The page of an examination; it reads nothing else.

    Raises:
        ImportError: If matplotlib is missing (extra ``report``).
    """
    found = examination.findings
    open_ones = [finding for finding in found if finding.severity != "info"]
    fine = [finding for finding in found if finding.severity == "info"]
    sections = [Section("Recommendation", _recommendation(examination.recommendation))]
    sections.append(Section("What needs attention", _cards(open_ones) or [Paragraph("Nothing.")]))
    if fine:
        sections.append(Section("Worth knowing", _cards(fine)))
    sections.append(Section("Classes", _classes(examination.classes)))
    if examination.picture is not None:
        rarest = [one.label for one in reversed(examination.classes)]
        sections.append(Section("Rows in two dimensions", [picture_figure(examination.picture, rarest)]))
    sections += [Section("Sources", [Links(_SOURCES)]), settings_section(examination.settings)]
    return Page(
        "Diagnosis: should this table be resampled?",
        examination.recommendation.message,
        _facts(examination),
        sections,
        examination.to_dict(),
    )


def _facts(examination: Examination) -> str:
    facts = (
        f"{examination.n_rows:,} rows, {examination.n_features:,} columns, {len(examination.classes):,} "
        f"classes; the largest has {amount(examination.imbalance_ratio)} times the rows of the smallest."
    )
    return f"{facts} {examination.sampled}".rstrip()


def _recommendation(advice: Recommendation) -> list[Block]:
    rows = [("resample", "yes, try it" if advice.resample else "no")]
    if advice.resample:
        rows += [
            ("method", str(advice.method)),
            ("sampling_strategy", str(advice.sampling_strategy)),
            ("k_neighbors", "none" if advice.k_neighbors is None else str(advice.k_neighbors)),
        ]
    table = Table("What is recommended", ["setting", "value"], rows, "ll")
    return [table, *([Code(advice.code)] if advice.code else [])]


def _cards(findings: Sequence[Finding]) -> list[Block]:
    cards = [
        Card(
            finding.severity,
            _TITLES[finding.name],
            _number(finding.name, finding.value),
            finding.message,
            finding.action,
            finding.code,
        )
        for finding in findings
    ]
    return [Grid(cards)] if cards else []


def _number(name: str, value: float | None) -> str:
    """The number behind a finding, with its unit."""
    if value is None:
        return ""
    if name in _COUNTED:
        return plural(round(value), _COUNTED[name])
    return percent(value) if name in _SHARES else _OTHERS[name].format(amount(value))


def _classes(classes: Sequence[ClassRows]) -> list[Block]:
    shown = classes[-_MOST_BARS:]
    which = "" if len(shown) == len(classes) else f" The {len(shown)} rarest of {len(classes):,} classes."
    total = sum(one.count for one in classes)
    counts = bar_chart(
        [Bar(one.label, f"{one.count:,} ({percent(one.count / total)})", [one.count]) for one in shown],
        names=["rows"],
        title="Rows of each class",
        across="rows",
        alt="Bars of the rows of each class. " + "; ".join(f"{one.label}: {one.count:,}" for one in shown),
        caption=f"Longer is larger; the scale is linear.{which}",
    )
    searched = [one for one in shown if one.safe is not None]
    figures: list[Figure] = [counts, *([_kinds(searched, which)] if searched else [])]
    rows = [
        (
            one.label,
            f"{one.count:,}",
            f"{percent(one.count / total)}",
            *map(_share, (one.safe, one.danger, one.noise)),
        )
        for one in classes
    ]
    header = ["class", "rows", "share", "safe", "danger", "noise"]
    table = Table("Classes, the largest first", header, rows, "lrrrrr")
    return [Grid(figures), Details("The same in numbers", [table])]


def _kinds(classes: Sequence[ClassRows], which: str) -> Figure:
    texts = [f"{_share(one.safe)} / {_share(one.danger)} / {_share(one.noise)}" for one in classes]
    return bar_chart(
        [
            Bar(one.label, text, [one.safe or 0, one.danger or 0, one.noise or 0])
            for one, text in zip(classes, texts, strict=True)
        ],
        names=["safe", "danger", "noise"],
        title="Safe, danger and noise rows",
        across="share of the class's rows",
        shares=True,
        alt="Stacked bars: share of safe, danger and noise rows of each class. "
        + "; ".join(f"{one.label}: {text}" for one, text in zip(classes, texts, strict=True)),
        caption="Safe rows have mostly neighbours of their own class; danger rows at least half of other "
        f"classes; noise rows no neighbour of their own.{which}",
    )


def _share(value: float | None) -> str:
    return "not known" if value is None else percent(value)
