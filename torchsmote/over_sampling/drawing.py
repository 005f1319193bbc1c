"""Drawing all rows of a recipe once, from a torch.Generator or from numpy's RandomState.

With a RandomState the choices are drawn in imbalanced-learn's order, so that the rows equal its rows: two
short vectors per class on the host; looking them up and interpolating happen on the device.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.utils import check_random_state
from torch import Tensor

from ..recipe import Draws, Picks, Recipe
from ..variants import Variant
from .class_recipe import ClassRecipe

__all__ = ["Stream", "draw_all", "seed_of", "some_of", "standard_normals", "stream_of"]

Stream = torch.Generator | np.random.RandomState


def draw_all(recipe: Recipe, parts: Sequence[ClassRecipe], random_state: Any, *, once_per_fit: bool) -> Draws:
    """Draw all rows of a recipe once, by the kind of `random_state`.

    Args:
        recipe: What may be drawn.
        parts: The recipes it was assembled from, in that order.
        random_state: None, an int, a RandomState or a torch.Generator.
        once_per_fit: With an int, one stream for all parts (ADASYN, random); False: a fresh one for each
            part (SMOTE, Borderline).
    """
    if isinstance(random_state, torch.Generator):
        return recipe.draw_from(random_state)
    if not parts:
        return recipe.draw(torch.empty(0, dtype=torch.int64, device=recipe.rows.device), seed=0)
    stream = check_random_state(random_state)
    picked, first = [], 0
    for part in parts:
        rng = stream if once_per_fit else check_random_state(random_state)
        # An int seeds the second stream anew too: imbalanced-learn checks its random state twice here.
        picked.append(_part_picks(rng, random_state, part, recipe.variant, recipe.n_normals, first))
        first += len(part.rows)
    device = recipe.rows.device
    position, column, u, v, labels, normals = (
        None if values[0] is None else _on_device(values, device) for values in zip(*picked, strict=True)
    )
    assert position is not None
    assert column is not None
    assert u is not None
    assert labels is not None
    return recipe.draws(Picks(position, column, u, v, labels, normals))


def stream_of(random_state: Any) -> Stream:
    """One stream of numbers for a whole fit: the generator itself, or a RandomState."""
    return random_state if isinstance(random_state, torch.Generator) else check_random_state(random_state)


def seed_of(random_state: Any) -> int:
    """A seed for numbers by row, drawn from the stream of a fit."""
    if isinstance(random_state, torch.Generator):
        return int(torch.randint(2**62, (), generator=random_state, device=random_state.device))
    return int(check_random_state(random_state).randint(0, 2**31 - 1))


def standard_normals(stream: Stream, shape: tuple[int, ...], device: torch.device) -> Tensor:
    """Standard normal numbers, float64, drawn where the stream is and moved to ``device``."""
    if isinstance(stream, torch.Generator):
        return torch.randn(shape, generator=stream, dtype=torch.float64, device=stream.device).to(device)
    return torch.from_numpy(stream.standard_normal(shape)).to(device)


def some_of(stream: Stream, n: int, size: int) -> NDArray[np.int64]:
    """``size`` of the numbers below ``n``, each at most once, ascending, int64, shape (size,)."""
    if isinstance(stream, torch.Generator):
        mixed = torch.randperm(n, generator=stream, device=stream.device).cpu().numpy()
    else:
        mixed = stream.permutation(n)
    return np.sort(mixed[:size])


def _part_picks(
    rng: np.random.RandomState,
    random_state: Any,
    part: ClassRecipe,
    variant: Variant,
    n_normals: int,
    first: int,
) -> tuple[NDArray[Any] | None, ...]:
    """The fields of `Picks` for one part, whose base rows begin at ``first``."""
    v = normals = None
    if n_normals:
        position = rng.randint(0, len(part.rows), size=part.n_new)
        column = u = np.zeros(part.n_new)
        normals = rng.standard_normal((part.n_new, n_normals))
    else:
        position, column, u = _choices(rng, part, variant)
        column = column + first if part.table is None else column
    if variant.second_uniform:
        v = _second_uniform(check_random_state(random_state), part, position, column)
    labels = np.full(part.n_new, part.label, dtype=np.int64)
    return (first + position).astype(np.int64), column.astype(np.int64), u, v, labels, normals


def _choices(
    rng: np.random.RandomState, part: ClassRecipe, variant: Variant
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Position within the part, column (or the neighbour's position) and step's uniform of each row."""
    n, n_new = len(part.rows), part.n_new
    if part.table is None:
        position = rng.choice(n, size=n_new, p=_shares(part.weights))
        column = (position + 1 + rng.randint(0, max(1, n - 1), size=n_new)) % n
    elif part.repeats is not None:
        position = np.repeat(np.arange(n), part.repeats.cpu().numpy())
        column = rng.randint(0, part.table.shape[1], size=n_new)
    elif part.weights is not None or bool((part.table[:, -1] < 0).any()):
        position = rng.choice(n, size=n_new, p=_shares(part.weights))
        columns = (part.table >= 0).sum(1).cpu().numpy()
        column = (rng.uniform(size=n_new) * columns[position]).astype(np.int64)
    else:
        position, column = np.divmod(rng.randint(0, n * part.table.shape[1], size=n_new), part.table.shape[1])
    u = np.zeros(n_new) if variant.relation == "none" else rng.uniform(size=n_new)
    return position, column, u


def _shares(weights: Tensor | None) -> NDArray[Any] | None:
    if weights is None:
        return None
    values = weights.double().cpu().numpy()
    shares: NDArray[Any] = values / values.sum()
    return shares


def _second_uniform(
    rng: np.random.RandomState, part: ClassRecipe, position: NDArray[Any], column: NDArray[Any]
) -> NDArray[Any]:
    v = np.zeros(part.n_new)
    if part.enemies is not None:
        enemy = part.enemies.cpu().numpy()[position, column]
        v[enemy] = rng.uniform(size=int(enemy.sum()))
    return v


def _on_device(values: Sequence[NDArray[Any] | None], device: torch.device) -> Tensor:
    return torch.from_numpy(np.concatenate([value for value in values if value is not None])).to(device)
