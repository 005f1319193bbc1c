"""From what was found to one piece of advice: a method, how far, how many neighbours; or not to resample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .duplicates import Repeats
from .findings import Recommendation
from .geometry import Geometry
from .neighborhoods import Neighborhoods
from .rules import (
    BALANCED,
    CLOSE,
    EXTREME,
    FAR,
    FEWEST,
    LOW_CONTRAST,
    MILD,
    MOSTLY_NOISE,
    NEARLY_REPEATED,
    NO_SIGNAL,
    RARE,
    SEPARABLE,
    STANDARD_ERRORS,
    TRAINING_PART,
    K,
)
from .snippets import Snippets
from .table import Table
from .words import amount, listed, percent, plural

__all__ = ["recommend"]


@dataclass(frozen=True)
class _Case:
    """What the advice goes by."""

    table: Table
    around: Neighborhoods | None
    geometry: Geometry | None
    repeats: Repeats
    snippets: Snippets

    @property
    def instead(self) -> str:
        """What to do where nothing is to be resampled."""
        if self.snippets.tune_threshold():
            return "Do not resample; tune the threshold."
        if not self.table.varies:
            return "Do not resample."
        name = self.table.class_name(self.table.rarest)
        return f"Do not resample; collect more rows of {name}: with one, no threshold can be tuned."

    @property
    def copies(self) -> str:
        """A warning where many rows of a class are copies, unless values repeat by their nature."""
        table = self.table
        if table.features.categorical or table.facts.whole[table.facts.measured].all():
            return ""
        shares = np.bincount(table.codes, self.repeats.repeated, len(table.counts)) / table.counts
        shares[table.largest] = 0
        worst = int(shares.argmax())
        if shares[worst] < NEARLY_REPEATED:
            return ""
        return (
            f" {percent(shares[worst])} of the rows of {table.class_name(worst)} equal another row, and the "
            "nearest row of a copy is its copy: drop copies, and diagnose again."
        )

    def noise(self, position: int) -> float:
        """Share of a class's rows among nothing but other classes; 0 where it is not known."""
        shares = None if self.around is None else self.around.shares(position)
        return 0.0 if shares is None else shares[2]

    def over(self, position: int) -> float:
        """Largest class over this one."""
        return float(self.table.counts.max() / self.table.counts[position])


def recommend(
    table: Table,
    around: Neighborhoods | None,
    geometry: Geometry | None,
    repeats: Repeats,
    snippets: Snippets,
) -> Recommendation:
    """The advice, by the rules of ``rules``.

    Args:
        table: The table.
        around: Neighbours of its rows; None where they could not be searched.
        geometry: Of its rows; None where it could not be measured.
        repeats: Which of them are copies.
        snippets: Makes the code.
    """
    case = _Case(table, around, geometry, repeats, snippets)
    against = _against(case)
    if against:
        return Recommendation(False, None, None, None, against + case.copies, snippets.tune_threshold())
    asked = [position for position in table.minorities if _reason_to_leave(case, position) is None]
    return _resample(case, asked)


def _against(case: _Case) -> str:
    """Why not to resample at all; "" where nothing speaks against it."""
    table, around = case.table, case.around
    if table.ratio <= BALANCED:
        return f"Do not resample: at {amount(table.ratio)} to 1 the classes are as good as balanced."
    if max(table.counts[position] for position in table.minorities) < FEWEST:
        return f"{case.instead} {_reason_to_leave(case, table.rarest)}"
    if table.ratio < MILD:
        return (
            f"{case.instead} At {amount(table.ratio)} to 1 the imbalance is mild, and a tuned threshold "
            "mostly does as much."
        )
    if around is None:
        return (
            f"{case.instead} No neighbours could be searched: no column varies in enough rows without gaps."
        )
    blind = _nothing_to_see(around, case.geometry)
    if blind:
        return f"{case.instead} {blind}"
    reasons = {p: reason for p in table.minorities if (reason := _reason_to_leave(case, p))}
    if len(reasons) < len(table.minorities):
        return ""
    return f"{case.instead} {reasons[table.rarest]}"


def _nothing_to_see(around: Neighborhoods, geometry: Geometry | None) -> str:
    """Why neighbours tell nothing of the classes; "" where they do."""
    if geometry is not None and geometry.contrast is not None and geometry.contrast < LOW_CONTRAST:
        return (
            f"An average row is only {amount(geometry.contrast)} times as far away as the nearest, so rows "
            "between neighbours are rows between any two, and repeated rows carry no news. Select or "
            "compress columns first, and compare with RandomUnderSampler."
        )
    relative = around.relative_error
    if relative is not None and relative >= NO_SIGNAL:
        return (
            "By their neighbours the classes cannot be told apart better than by guessing: more rows of the "
            "same kind carry no news. Look for better columns first."
        )
    if relative is not None and 1 - relative < STANDARD_ERRORS * around.chance:
        return (
            "By their neighbours the classes cannot be told apart better than by guessing, as far as so few "
            "rows can show. Look for better columns, or collect more rows."
        )
    return ""


def _reason_to_leave(case: _Case, position: int) -> str | None:
    """Why not to over-sample one class; None where it should be."""
    table = case.table
    count = int(table.counts[position])
    name = table.class_name(position)
    if count < FEWEST:
        return (
            f"{name[0].upper()}{name[1:]} has {plural(count, 'row')}: too few to say what lies between them."
        )
    if case.over(position) < MILD:
        return f"The imbalance of {name} is mild."
    error = None if case.around is None else case.around.error_of(position)
    if error is not None and error < SEPARABLE:
        return (
            f"The nearest row is of the right class for {percent(1 - error)} of the rows of {name}: there is "
            "next to nothing to win."
        )
    if case.noise(position) >= MOSTLY_NOISE:
        return (
            f"{percent(case.noise(position))} of the rows of {name} have only other classes around them, and "
            "rows made from them would, too."
        )
    return None


def _resample(case: _Case, asked: list[int]) -> Recommendation:
    table = case.table
    most = int(table.counts.max())
    goals = {position: _goal(case, position) for position in asked}
    strategy = goals[asked[0]]
    positions: dict[int, int] = {}
    if len(table.counts) > 2:
        positions = {
            position: max(int(goals[position] * most), int(table.counts[position]))
            for position in sorted(asked)
        }
    method, why = _method(case)
    k = _neighbors(case, asked)
    sentences = [why, _how_far(case, asked, strategy)]
    if k < K:
        sentences.append(
            f"k is lowered to {k}, so that a training part of {100 * TRAINING_PART:.0f} % still has "
            "enough rows."
        )
    left = [position for position in table.minorities if position not in asked]
    if left:
        sentences.append(
            f"Left as they are: {listed(table.named(left))}; they are mild, or too small, or mostly among "
            "other classes, or told apart already."
        )
    if len(table.features.names) > len(table):
        sentences.append("With more columns than rows SMOTE helps few models: try RandomUnderSampler, too.")
    if table.ratio > EXTREME:
        sentences.append("Take care: few real rows stand behind many synthetic ones.")
    sentences.append("Resample training rows only, and compare with a tuned threshold: it is often as good.")
    keys = table.targets.keys
    return Recommendation(
        True,
        method,
        {keys[position]: count for position, count in positions.items()} or strategy,
        k,
        " ".join(sentences) + case.copies,
        case.snippets.resample(method, positions or strategy, k),
    )


def _goal(case: _Case, position: int) -> float:
    """A class over the largest one, afterwards."""
    share = 1 / (1 + case.over(position))
    return FAR if share < RARE else CLOSE


def _how_far(case: _Case, asked: list[int], strategy: float) -> str:
    table = case.table
    if len(table.counts) == 2:
        share = strategy / (1 + strategy)
        times = strategy * float(table.counts.max()) / float(table.counts[asked[0]])
        return (
            f"Go to {100 * (1 - share):.0f}-{100 * share:.0f} first, {amount(times)} times the rows that "
            f"{table.class_name(asked[0])} has, before full balance."
        )
    return f"Bring {plural(len(asked), 'class', 'classes')} to a quarter or more of the largest first."


def _method(case: _Case) -> tuple[str, str]:
    """The method, and why."""
    features = case.table.features
    if not features.categorical:
        return "SMOTE", "Try SMOTE."
    if len(features.categorical) == len(features.names):
        return "SMOTEN", "Try SMOTEN, which votes where SMOTE would interpolate categories."
    return "SMOTENC", "Try SMOTENC, which interpolates numbers and votes on categories."


def _neighbors(case: _Case, asked: list[int]) -> int:
    least = min(int(case.table.counts[position]) for position in asked)
    return max(1, min(K, int(TRAINING_PART * least) - 1))
