"""Drawing all rows of a recipe once, from a torch.Generator or from numpy's RandomState.

With a RandomState the choices are drawn in imbalanced-learn's order, so that the rows equal its rows: two
short vectors per class on the host; looking them up and interpolating happen on the device.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.utils import check_random_state
from torch import Tensor

from ..recipe import Draws, Picks, Recipe
from ..variants import Variant
from .class_recipe import ClassRecipe

__all__ = ["draw_all"]


def draw_all(
    recipe: Recipe, parts: dict[int, ClassRecipe], random_state: Any, *, once_per_fit: bool
) -> Draws:
    """Draw all rows of a recipe once, by the kind of `random_state`."""
    if isinstance(random_state, torch.Generator):
        return recipe.draw_from(random_state)
    if not parts:
        return recipe.draw(torch.empty(0, dtype=torch.int64, device=recipe.rows.device), seed=0)
    return recipe.draws(_host_picks(random_state, parts, recipe.variant, once_per_fit=once_per_fit))


def _host_picks(
    random_state: Any, parts: Mapping[int, ClassRecipe], variant: Variant, *, once_per_fit: bool
) -> Picks:
    """Draw every class's synthetic rows.

    Args:
        random_state: None, an int or a RandomState.
        parts: The recipes by class position, ascending, as they were assembled.
        variant: Decides whether a step, and a second uniform, are drawn.
        once_per_fit: With an int, one stream for all classes (ADASYN, random); False: a fresh one for each
            class (SMOTE, Borderline).
    """
    stream = check_random_state(random_state)
    picked, first = [], 0
    for position, part in parts.items():
        rng = stream if once_per_fit else check_random_state(random_state)
        picks = _class_picks(rng, part, variant)
        v = None
        if variant.second_uniform:
            # An int seeds this stream anew too: imbalanced-learn checks its random state a second time here.
            v = _second_uniform(check_random_state(random_state), part, *picks[:2])
        picked.append((first, position, *picks, v))
        first += len(part.rows)
    return _join(picked, next(iter(parts.values())).rows.device)


def _class_picks(
    rng: np.random.RandomState, part: ClassRecipe, variant: Variant
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Position within the class, column and step's uniform of each row."""
    k = part.table.shape[1]
    if part.repeats is None:
        cell = rng.randint(0, len(part.rows) * k, size=part.n_new)
        position, column = np.divmod(cell, k)
    else:
        position = np.repeat(np.arange(len(part.rows)), part.repeats.cpu().numpy())
        column = rng.randint(0, k, size=part.n_new)
    u = np.zeros(part.n_new) if variant.relation == "none" else rng.uniform(size=part.n_new)
    return position, column, u


def _second_uniform(
    rng: np.random.RandomState, part: ClassRecipe, position: NDArray[Any], column: NDArray[Any]
) -> NDArray[Any]:
    v = np.zeros(part.n_new)
    if part.enemies is not None:
        enemy = part.enemies.cpu().numpy()[position, column]
        v[enemy] = rng.uniform(size=int(enemy.sum()))
    return v


def _join(picked: list[tuple[Any, ...]], device: torch.device) -> Picks:
    def on_device(values: list[NDArray[Any]]) -> Tensor:
        return torch.from_numpy(np.concatenate(values)).to(device)

    return Picks(
        position=on_device([first + position for first, _, position, *_ in picked]).long(),
        column=on_device([column for _, _, _, column, *_ in picked]).long(),
        u=on_device([u for *_, u, _ in picked]),
        v=None if picked[0][-1] is None else on_device([v for *_, v in picked]),
        labels=on_device([np.full(len(u), label, dtype=np.int64) for _, label, _, _, u, _ in picked]),
    )
