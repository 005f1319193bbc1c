"""The search of a table whose rows are not in this process as a whole: what all of its kinds share."""

from __future__ import annotations

from typing import Any, NoReturn

from ..over_sampling.neighbor_search import NeighborSearch
from .methods import not_in_memory

__all__ = ["AbsentRows"]


class AbsentRows(NeighborSearch):
    """A search without ``rows``; a kind of it gives ``device``, ``n_rows`` and ``found``.

    Args:
        resampler: What searches.
        kind: What the table is called in messages.
        **own: Further attributes.
    """

    kind: str

    def __init__(self, resampler: Any, kind: str, **own: Any) -> None:
        few_samples = getattr(resampler, "few_samples", "raise")
        owner = {"backend": resampler.backend, "owner": type(resampler).__name__, "few_samples": few_samples}
        for name, value in {**owner, "kind": kind, **own}.items():
            object.__setattr__(self, name, value)  # the base class is frozen

    @property
    def rows(self) -> NoReturn:
        """Refused.

        Raises:
            TypeError: Always.
        """
        raise not_in_memory(self.owner, self.kind)
