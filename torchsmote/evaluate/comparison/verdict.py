"""What the differences from the baseline say, in plain sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..differences import Difference, smallest_detected
from ..metrics import Metric

__all__ = ["Compared", "verdict"]

_LEVEL = 0.05
_NAMED = 3  # methods with their figures in one sentence
_ENOUGH_FITS = 5
_FAR_APART = 3  # how much wider the widest interval may be before both ends are told


@dataclass(frozen=True)
class Compared:
    """A method against the baseline in one metric.

    Attributes:
        difference: Over the folds, method minus baseline, with its corrected interval and p-value.
        p_holm: That p-value adjusted for all the methods compared.
    """

    difference: Difference
    p_holm: float

    @property
    def detected(self) -> bool:
        """Whether the adjusted p-value is below 0.05."""
        return self.p_holm < _LEVEL

    @property
    def p_text(self) -> str:
        """The adjusted p-value as text shows it."""
        return "< 0.001" if self.p_holm < 0.001 else f"{self.p_holm:.3f}"


def verdict(
    metric: Metric,
    compared: Mapping[str, Compared],
    *,
    baseline: str,
    level: float,
    plain: str,
    from_grid: bool,
) -> str:
    """Which methods differ detectably from the baseline, and what to make of it.

    Args:
        metric: The one to go by.
        compared: Every method but the baseline.
        baseline: Its name.
        level: Its mean.
        plain: Name of the method that is the baseline without its tuned threshold.
        from_grid: Whether a grid of settings is among the methods.
    """
    sign = 1 if metric.higher_is_better else -1
    gains = {name: sign * one.difference.mean for name, one in compared.items() if one.detected}
    better = sorted((name for name in gains if gains[name] > 0), key=lambda name: -gains[name])
    worse = sorted((name for name in gains if gains[name] < 0), key=lambda name: gains[name])
    against = f"`{baseline}` ({level:.3f})"
    sentences = [
        _found(metric, compared, better, worse, against) if gains else _nothing(metric, compared, against)
    ]
    if metric.reads == "decisions" and not better and plain in worse:
        sentences.append(
            f"The tuned threshold alone gains {abs(compared[plain].difference.mean):.3f} over `{plain}`; "
            "no method gains detectably more."
        )
    if from_grid and better:
        sentences.append(
            "The best of a grid was picked on these very folds, so its figure flatters: confirm it on rows "
            "that were not used here."
        )
    fits = min((one.difference.seeds for one in compared.values()), default=_ENOUGH_FITS)
    if fits < _ENOUGH_FITS:
        sentences.append(f"Only {fits} fits a method: take no conclusion.")
    return " ".join(sentences)


def _nothing(metric: Metric, compared: Mapping[str, Compared], against: str) -> str:
    # An interval that holds 0 proves no equality: how much could have been overlooked belongs to the answer.
    missed = _overlooked(compared)
    rest = f"; one of {missed} could have been overlooked" if missed else ""
    return f"{metric.label}: no detectable difference between {against} and any other method{rest}."


def _overlooked(compared: Mapping[str, Compared]) -> str:
    """The largest difference that could have been missed, and the least where methods are far apart in that.

    Else the widest would speak for all: random under-sampling often varies ten times as much as the rest.
    """
    sizes = {name: smallest_detected(one.difference, len(compared)) for name, one in compared.items()}
    sizes = {name: size for name, size in sizes.items() if size}
    if not sizes:
        return ""
    least, most = min(sizes, key=sizes.__getitem__), max(sizes, key=sizes.__getitem__)
    if sizes[most] <= _FAR_APART * sizes[least]:
        return _size(sizes[most], "up to about ")
    return f"{_size(sizes[least], 'up to about ')} ({least}) or {_size(sizes[most])} ({most})"


def _size(size: float, up_to: str = "") -> str:
    """A difference; one beyond 1 is none that metrics between 0 and 1 can have."""
    return f"{up_to}{size:.3f}" if size < 1 else "any size"


def _found(
    metric: Metric,
    compared: Mapping[str, Compared],
    better: Sequence[str],
    worse: Sequence[str],
    against: str,
) -> str:
    parts = [
        f"better than {against}: {_with_figures(better, compared)}"
        if better
        else f"nothing is detectably better than {against}"
    ]
    if worse:
        parts.append(f"worse: {_with_figures(worse, compared)}")
    undecided = len(compared) - len(better) - len(worse)
    if undecided:
        parts.append(f"undecided: the other {undecided if undecided > 1 else 'one'}")
    return f"{metric.label}: {'; '.join(parts)} (after Holm's correction)."


def _with_figures(names: Sequence[str], compared: Mapping[str, Compared]) -> str:
    shown = [_figures(name, compared[name]) for name in names[:_NAMED]]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _figures(name: str, one: Compared) -> str:
    found = one.difference
    p = f"p {one.p_text}" if one.p_text.startswith("<") else f"p = {one.p_text}"
    return f"{name} {found.mean:+.3f} ({found.low:+.3f} … {found.high:+.3f}, {p})"
