"""Categories of synthetic samples: what most of the base sample's neighbors have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..random import Purpose, uniforms
from ..recipe import Recipe
from ..targets import first_rows
from ..votes import vote
from .items import leaf_shape, leaves, replace_leaf
from .plan import Ballot, Rows

__all__ = ["Electorate", "elect", "vote_items"]

_CHUNK = 1 << 22  # votes counted at a time: 32 MiB


class Electorate:
    """Who votes for each base row: all neighbors in its row of the recipe's table.

    Args:
        recipe: What may be drawn, on the CPU.
        n_real: Rows of the table that it counts in.
        seed: Settles ties, together with epoch, row and column.
        owner: Name of the resampler, for messages.

    Raises:
        ValueError: If the recipe has no table of neighbors, or only of enemies.
    """

    def __init__(self, recipe: Recipe, n_real: int, seed: int, owner: str) -> None:
        if recipe.table is None:
            raise ValueError(
                f"{owner}: `categorical` leaves are voted for by the neighbors of a base row, but it has "
                "none, since it steps to any other row; use SMOTE, or leave `categorical` out"
            )
        if recipe.variant.relation == "enemies":
            raise ValueError(
                f"{owner}: `categorical` leaves are voted for by the neighbors of a base row, but its "
                "neighbors are of other classes alone; use SMOTE, or leave `categorical` out"
            )
        self.recipe = recipe
        self.seed = seed
        # A row of several groups has the neighbors of its first one.
        self._place = first_rows(recipe.rows.numpy(), n_real)

    def ballot(self, epoch: int, numbers: Rows, base: Rows) -> Ballot:
        """The ballot of synthetic rows of one epoch.

        Args:
            epoch: Their epoch.
            numbers: Their numbers, shape (s,).
            base: Their base rows, shape (s,).
        """
        own = np.full(len(numbers), epoch)
        assert self.recipe.table is not None
        voters = self.recipe.table.numpy().take(self._place.take(base), 0)
        return Ballot(voters, numbers, own, self.seed)


def elect(candidates: Tensor, ballot: Ballot, first: int) -> Tensor:
    """The most frequent value of each column; of several, each is as likely.

    Args:
        candidates: What the voters have, whole numbers, shape (s, k, ...).
        ballot: Who votes.
        first: Number of the leaf's first column, among the columns of all leaves that are voted.

    Returns:
        Shape (s, ...), in the dtype of ``candidates``.
    """
    shape, (s, k) = candidates.shape[2:], candidates.shape[:2]
    columns = candidates.reshape(s, k, -1).transpose(1, 2)
    count = columns.shape[1]
    won = candidates.new_empty((s, count))
    step = max(1, _CHUNK // max(1, k * count))
    for start in range(0, s, step):
        part = slice(start, start + step)
        cast = columns[part].reshape(-1, k).long()
        there = torch.from_numpy(ballot.voters[part] >= 0).to(cast.device)
        there = there.unsqueeze(1).expand(-1, count, -1).reshape(-1, k)
        ties = _ties(ballot.numbers[part], ballot.epochs[part], ballot.seed, first, count)
        won[part] = vote(cast, ties.to(cast.device).flatten(), there).reshape(-1, count).to(won.dtype)
    return won.reshape(s, *shape)


def _ties(numbers: Rows, epochs: Rows, seed: int, first: int, count: int) -> Tensor:
    """Uniforms in [0, 1), shape (s, count): a function of seed, epoch, number and column alone."""
    made = torch.empty((len(numbers), count), dtype=torch.float64)
    for epoch in np.unique(epochs).tolist():
        at = torch.from_numpy(np.flatnonzero(epochs == epoch))
        made[at] = _columns(torch.from_numpy(numbers).index_select(0, at), epoch, seed, first, count)
    return made


def _columns(numbers: Tensor, epoch: int, seed: int, first: int, count: int) -> Tensor:
    """The uniforms of the columns from ``first`` on: each block of numbers serves three."""
    low, high = first // 3, -(-(first + count) // 3)
    made = [
        # The counter word of redraws, which have no part here, counts on where that of blocks ends.
        uniforms(numbers, seed, epoch, purpose=Purpose.VOTE, attempt=block // 256, block=block % 256)
        for block in range(low, high)
    ]
    return torch.cat(made)[first - 3 * low :][:count].T


def vote_items(
    items: list[Any],
    at: Sequence[int],
    ballot: Ballot,
    positions: Sequence[int],
    fetch: Callable[[list[int]], list[Any]],
) -> None:
    """Put the elected categories into synthetic items, in place of the base sample's.

    Args:
        items: The batch; changed.
        at: Where the s synthetic items stand in it.
        ballot: Who votes for them.
        positions: Which leaves are voted.
        fetch: From rows of the dataset to their items; each voter is read once.

    Raises:
        ValueError: If a leaf differs in shape or dtype from one item to another.
    """
    there = ballot.voters >= 0
    rows = np.unique(ballot.voters[there])
    voters = [leaves(item) for item in fetch(rows.tolist())]
    place = torch.from_numpy(np.searchsorted(rows, np.where(there, ballot.voters, rows[0])))
    first = 0
    for position in positions:
        values = _stacked([own[position] for own in voters], leaves(items[at[0]])[position])
        won = elect(values.index_select(0, place.flatten()).unflatten(0, place.shape), ballot, first)
        first += values[0].numel()
        for order, spot in enumerate(at):
            own = leaves(items[spot])[position]
            items[spot] = replace_leaf(items[spot], position, _like(own, won[order]))


def _stacked(values: list[Any], base: Any) -> Tensor:
    """Codes of one leaf, int64, shape (voters, ...)."""
    wanted = _form(base)
    for value in values:
        if _form(value) != wanted:
            raise ValueError(
                f"ragged items: a leaf of categories is {wanted} in the base item but {_form(value)} in its "
                "neighbor; give all items one shape and dtype"
            )
    return torch.stack([_codes(value) for value in values])


def _form(leaf: Any) -> str:
    return f"{leaf_shape(leaf)} {leaf.dtype if hasattr(leaf, 'dtype') else type(leaf).__name__}"


def _codes(leaf: Any) -> Tensor:
    if isinstance(leaf, Tensor):
        return leaf.detach().cpu().long()
    return torch.from_numpy(np.array(leaf, dtype=np.int64))


def _like(own: Any, won: Tensor) -> Any:
    """The codes in the type, dtype and device of a leaf."""
    if isinstance(own, Tensor):
        return won.to(own)
    if isinstance(own, np.ndarray):
        return won.numpy().astype(own.dtype)
    return own.dtype.type(won.item()) if isinstance(own, np.generic) else type(own)(won.item())
