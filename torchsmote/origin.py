"""What a recipe was fitted on, so that one used with other rows is found out."""

from __future__ import annotations

from typing import Any, NamedTuple

from numpy.typing import NDArray

from .short_text import short_text
from .targets import Targets
from .whole_files import digest

__all__ = ["Origin"]

# Where and how rows are found and drawn, not which may be: a fit may be used with others of these.
_NOT_IN_THE_FIT = ("random_state", "device", "backend", "n_jobs", "constraint", "max_redraws")
_CHUNK = 1 << 20  # codes widened at a time: those of very many rows have one byte


class Origin(NamedTuple):
    """By what, and on which labels, a recipe was fitted; it is saved with the recipe.

    Attributes:
        sampler: The over-sampler, and those of its arguments that matter to the fit and are no defaults.
        counts: Rows of each class, in the order of ``classes_``.
        labels: SHA-256 of the class position of every row, so of the rows' order too.
        recall: Share of the true neighbours that the fit found, as measured; 1.0 where its search was exact.
    """

    sampler: str
    counts: tuple[int, ...]
    labels: str
    recall: float = 1.0

    @classmethod
    def of(cls, sampler: Any, targets: Targets) -> Origin:
        """The origin of what a sampler has just been fitted to."""
        recall = getattr(sampler, "recall_", 1.0)
        return cls(_text_of(sampler), targets.counts, _digest_of(targets.codes), recall)

    def check(self, sampler: Any, targets: Targets) -> None:
        """Raise unless the sampler and the labels are those of the fit.

        Raises:
            ValueError: That says what differs.
        """
        if _text_of(sampler) != self.sampler:
            raise ValueError(
                f"`recipe` was fitted by {self.sampler}, but `resampler` is {_text_of(sampler)}; "
                f"pass the resampler of the fit, resampler={self.sampler}"
            )
        n, own = sum(self.counts), len(targets.codes)
        if n != own:
            raise ValueError(f"`recipe` was fitted on {n} rows, but there are {own} here; fit it anew")
        if targets.counts != self.counts:
            raise ValueError(
                f"`recipe` was fitted on classes of {_shown(self.counts)} rows, but here they have "
                f"{_shown(targets.counts)}; fit it anew"
            )
        if _digest_of(targets.codes) != self.labels:
            raise ValueError(
                "`recipe` was fitted on as many rows of each class, but in another order; fit it anew, or "
                "give the rows in the order of the fit"
            )


def _text_of(sampler: Any) -> str:
    return short_text(sampler, _NOT_IN_THE_FIT)


def _digest_of(codes: NDArray[Any]) -> str:
    parts = (codes[start : start + _CHUNK] for start in range(0, len(codes), _CHUNK))
    return digest(part.astype("<i8", copy=False) for part in parts)


def _shown(counts: tuple[int, ...]) -> str:
    first = ", ".join(map(str, counts[:10]))
    return f"{first}, ..." if len(counts) > 10 else first
