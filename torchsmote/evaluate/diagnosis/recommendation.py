"""From what was found to one piece of advice: a method, how far, how many neighbours; or not to resample."""

from __future__ import annotations

from dataclasses import dataclass

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
    NO_SIGNAL,
    RARE,
    SEPARABLE,
    TRAINING_PART,
    K,
)
from .snippets import Snippets
from .table import Table
from .words import amount, listed, percent, plural

__all__ = ["recommend"]

_INSTEAD = "Do not resample; tune the threshold."


@dataclass(frozen=True)
class _Case:
    """What the advice goes by."""

    table: Table
    around: Neighborhoods | None
    geometry: Geometry | None
    snippets: Snippets

    def noise(self, position: int) -> float:
        """Share of a class's rows among nothing but other classes; 0 where it is not known."""
        shares = None if self.around is None else self.around.shares(position)
        return 0.0 if shares is None else shares[2]

    def over(self, position: int) -> float:
        """Largest class over this one."""
        return float(self.table.counts.max() / self.table.counts[position])


def recommend(
    table: Table, around: Neighborhoods | None, geometry: Geometry | None, snippets: Snippets
) -> Recommendation:
    """The advice, by the rules of ``rules``.

    Args:
        table: The table.
        around: Neighbours of its rows; None where they could not be searched.
        geometry: Of its rows; None where it could not be measured.
        snippets: Makes the code.
    """
    case = _Case(table, around, geometry, snippets)
    against = _against(case)
    if against:
        return Recommendation(False, None, None, None, against, snippets.tune_threshold())
    asked = [position for position in table.minorities if _reason_to_leave(case, position) is None]
    return _resample(case, asked)


def _against(case: _Case) -> str:
    """Why not to resample at all; "" where nothing speaks against it."""
    table, around = case.table, case.around
    if table.ratio <= BALANCED:
        return f"Do not resample: at {amount(table.ratio)} to 1 the classes are as good as balanced."
    if table.ratio < MILD:
        return (
            f"{_INSTEAD} At {amount(table.ratio)} to 1 the imbalance is mild, and a tuned threshold mostly "
            "does as much."
        )
    if around is None:
        return f"{_INSTEAD} No neighbours could be searched: no column varies in enough rows without gaps."
    if max(table.counts[position] for position in table.minorities) < FEWEST:
        return f"{_INSTEAD} {_reason_to_leave(case, table.rarest)}"
    relative, error = around.relative_error, around.error
    if relative is not None and error is not None and relative < SEPARABLE:
        return (
            f"{_INSTEAD} The nearest row is of the right class for {percent(1 - error)} of the rows, each "
            "class counted alike: there is next to nothing to win."
        )
    if relative is not None and relative >= NO_SIGNAL:
        return (
            f"{_INSTEAD} By their neighbours the classes cannot be told apart better than by guessing: "
            "more rows of the same kind carry no news. Look for better columns first."
        )
    reasons = {p: reason for p in table.minorities if (reason := _reason_to_leave(case, p))}
    if len(reasons) < len(table.minorities):
        return ""
    return f"{_INSTEAD} {reasons[table.rarest]}"


def _reason_to_leave(case: _Case, position: int) -> str | None:
    """Why not to over-sample one class; None where it should be."""
    table = case.table
    count = int(table.counts[position])
    name = table.class_name(position)
    if case.over(position) < MILD:
        return f"The imbalance of {name} is mild."
    if count < FEWEST:
        return (
            f"{name[0].upper()}{name[1:]} has {plural(count, 'row')}: too few to say what lies between them."
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
    k = _neighbors(case, asked) if method != "RandomOverSampler" else None
    sentences = [why, _how_far(case, asked, strategy)]
    if k is not None and k < K:
        sentences.append(
            f"k is lowered to {k}, so that a training part of {100 * TRAINING_PART:.0f} % still has "
            "enough rows."
        )
    left = [position for position in table.minorities if position not in asked]
    if left:
        sentences.append(f"Left as they are: {listed(table.named(left))}.")
    if table.ratio > EXTREME:
        sentences.append("Take care: few real rows stand behind many synthetic ones.")
    sentences.append("Resample training rows only, and compare with a tuned threshold: it is often as good.")
    keys = table.targets.keys
    return Recommendation(
        True,
        method,
        {keys[position]: count for position, count in positions.items()} or strategy,
        k,
        " ".join(sentences),
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
    contrast = None if case.geometry is None else case.geometry.contrast
    if contrast is not None and contrast < LOW_CONTRAST:
        return (
            "RandomOverSampler",
            f"Repeat rows at random: the nearest row is nearly as far away as any ({amount(contrast)} "
            "times), so mixing neighbours is mixing anything.",
        )
    if not features.categorical:
        return "SMOTE", "Try SMOTE."
    if len(features.categorical) == len(features.names):
        return "SMOTEN", "Try SMOTEN, which votes where SMOTE would interpolate categories."
    return "SMOTENC", "Try SMOTENC, which interpolates numbers and votes on categories."


def _neighbors(case: _Case, asked: list[int]) -> int:
    least = min(int(case.table.counts[position]) for position in asked)
    return max(1, min(K, int(TRAINING_PART * least) - 1))
