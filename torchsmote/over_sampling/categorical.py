"""What SMOTENC and SMOTEN share: tables with categories, class by class drawn and then voted on."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

import numpy as np
import torch
from sklearn.utils import check_random_state
from torch import Tensor

from ..mixed_tables import MixedTable
from ..parameters import HasMethods
from ..recipe import Draws, Recipe
from ..tables import take_rows
from ..tags import ResamplerTags
from .base import OverSampler
from .class_recipe import ClassRecipe, assemble

__all__ = ["ENCODER", "CategoricalOverSampler"]

ENCODER: list[Any] = [HasMethods(["fit_transform", "inverse_transform"]), None]


class CategoricalOverSampler(OverSampler):
    """Base class of the over-samplers of tables with categories.

    A method gives ``_read`` (a `MixedTable`), what an over-sampler gives, and ``_vote``: of one part, what is
    drawn and which categories the rows get.
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **OverSampler._parameter_constraints,
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
        table, targets, parts, whole = self._plan(X, y)
        n_classes, dtype, device = len(targets.counts), table.rows.dtype, table.rows.device
        nothing = whole.draw(torch.empty(0, dtype=torch.int64, device=device), seed=0)
        drawn, voted = [nothing], [table.codes[:0]]
        for part in parts:
            recipe = assemble([part], n_classes, self.variant, dtype, device)
            draws, codes = self._vote(table, part, recipe)
            drawn.append(draws)
            voted.append(codes)
        self.draws_ = Draws(*(torch.cat(values) for values in zip(*drawn, strict=True)))
        made = np.full(len(self.draws_.base), -1, dtype=np.int64)
        self.sample_indices_ = np.concatenate((np.arange(len(targets.codes)), made))
        rows = table.append(self.draws_, torch.cat(voted))
        return rows, take_rows(y, targets.labeled(self.draws_.labels.cpu().numpy()))

    def _stream(self) -> Any:
        """Where random numbers come from: anew from an int each time it is asked."""
        state = self.random_state
        return state if isinstance(state, torch.Generator) else check_random_state(state)
