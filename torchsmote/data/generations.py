"""The drawers of a dataset: each refresh of its neighbors brings another, which holds from an epoch on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from torch import Tensor

from ..recipe import Recipe
from .drawing import Drawer
from .shared_file import SharedFile

__all__ = ["Generations", "Restore"]

_KEPT = 2  # the one that holds, and the one that rows still in the making may belong to, at least

Restore = Callable[[Recipe, Tensor | None], Drawer]


class Generations:
    """Which drawer makes the rows of an epoch, in this process and in every worker process.

    The last two are kept, and what the epoch in progress needs. Rows find theirs by the epoch in their index,
    so it does not matter when a worker process learns of a new one, as long as that is before it gets indices
    of its first epoch. Another rank goes its own way from what it finds.

    Args:
        drawer: The first, for all epochs.
        restore: Makes a drawer from a recipe and from the features that its rules need (None: it has none),
            in a worker process.
    """

    def __init__(self, drawer: Drawer, restore: Restore) -> None:
        self._kept = [(0, drawer)]
        self._restore = restore
        self._file = SharedFile()

    @property
    def newest(self) -> Drawer:
        """The drawer of the latest epochs."""
        self._follow()
        return self._kept[-1][1]

    @property
    def since(self) -> int:
        """The first epoch whose drawer is kept."""
        return self._kept[0][0]

    def at(self, epoch: int) -> Drawer:
        """The drawer of an epoch.

        Raises:
            ValueError: If it is not kept any more.
        """
        self._follow()
        for start, drawer in reversed(self._kept):
            if start <= epoch:
                return drawer
        raise ValueError(
            f"the synthetic rows of epoch {epoch} were drawn among neighbors that refreshes have replaced "
            f"since; those kept hold from epoch {self.since} on: read rows of such epochs, "
            "index + epoch * len, or call set_epoch before"
        )

    def __getstate__(self) -> dict[str, Any]:
        self._follow()
        return self.__dict__

    def add(self, epoch: int, drawer: Drawer, begun: int = -1) -> None:
        """Let a drawer hold from an epoch on, in place of those that would hold from there or later.

        Args:
            epoch: The first.
            drawer: What makes its rows.
            begun: The epoch in progress, whose drawer stays; -1: there is none.

        Raises:
            OSError: If it cannot be written for the worker processes; then nothing changes.
        """
        self._follow()
        kept = [*((start, other) for start, other in self._kept if start < epoch), (epoch, drawer)]
        while len(kept) > _KEPT and not kept[0][0] <= begun < kept[1][0]:
            del kept[0]
        self._file.put([(start, _packed(other.recipe), other.rows) for start, other in kept])
        self._kept = kept

    def _follow(self) -> None:
        """Take over what was added in the process that this one was copied from."""
        news = self._file.news()
        if news is not None:
            variant = self._kept[-1][1].recipe.variant  # has functions, which need not be sent
            self._kept = [
                (since, self._restore(Recipe(variant=variant, **recipe), rows))
                for since, recipe, rows in news
            ]
        if self._file.is_foreign:
            self._file = SharedFile()


def _packed(recipe: Recipe) -> dict[str, Any]:
    names = (one.name for one in fields(recipe) if one.init and one.name != "variant")
    return {name: getattr(recipe, name) for name in names}
