"""What SMOTENC and SMOTEN share: tables with categories, class by class drawn and then voted on."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from ..mixed_tables import MixedTable
from ..parameters import HasMethods
from ..recipe import Draws, Recipe
from ..tables import take_rows
from ..tags import ResamplerTags
from .class_recipe import ClassRecipe
from .within_class import WithinClassSampler

__all__ = ["ENCODER", "CategoricalOverSampler"]

ENCODER: list[Any] = [HasMethods(["fit_transform", "inverse_transform"]), None]


class CategoricalOverSampler(WithinClassSampler):
    """Base class of the over-samplers of tables with categories.

    A method gives ``_read`` (a `MixedTable`), what an over-sampler gives, and ``_vote``: of one part, what is
    drawn and which categories the rows get.
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **WithinClassSampler._parameter_constraints,
        "categorical_encoder": ENCODER,
    }

    votes = True  # its synthetic rows are not mixes in every column
    categorical_encoder: Any

    def __sklearn_tags__(self) -> ResamplerTags:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.allow_nan = True  # in categorical columns
        return tags

    def batch_neighbors(self) -> tuple[int, int]:
        """None.

        Raises:
            TypeError: Always: the rows of a batch are numbers.
        """
        raise TypeError(
            f"EmbeddingSMOTE: {type(self).__name__} votes on categories, and embeddings have none; use SMOTE"
        )

    @abstractmethod
    def _vote(self, table: MixedTable, part: ClassRecipe, recipe: Recipe) -> tuple[Draws, Tensor]:
        """Draws of one part, whose recipe stands alone, and the rows' categories, int32, (n_new, c)."""

    def fit_resample(self, X: Any, y: Any) -> tuple[Any, Any]:
        """Over-sample: the given rows, unchanged and first, then synthetic ones, by class in sorted order.

        Args:
            X: A tensor, array (of objects too), list of rows, pandas or polars frame, or scipy CSR/CSC table,
                shape (n, d). Never modified.
            y: Labels of any dtype, shape (n,).

        Returns:
            X and y in the containers, dtypes and on the device that came in.

        Raises:
            ValueError: As in `SMOTE.fit_resample`.
            TypeError: If a column of numbers holds something else, or categories cannot be sorted.
        """
        table, targets, parts = self._plan(X, y)
        none = torch.empty(0, dtype=torch.int64, device=table.rows.device)
        drawn = [self._assembled(table, targets, []).draw(none, seed=0)]
        voted = [table.codes[:0]]
        for part in parts:
            draws, codes = self._vote(table, part, self._assembled(table, targets, [part]))
            drawn.append(draws)
            voted.append(codes)
        draws = Draws(*(torch.cat(values) for values in zip(*drawn, strict=True)))
        self.record(draws, np.arange(len(targets.codes)))
        rows = table.append(draws, torch.cat(voted))
        return rows, take_rows(y, targets.labeled(draws.labels.cpu().numpy()))
