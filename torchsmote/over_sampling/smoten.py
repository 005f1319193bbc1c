"""SMOTE for tables of categories alone."""

from __future__ import annotations

import warnings
from typing import Any, ClassVar

import numpy as np
import torch
from scipy import sparse
from sklearn.preprocessing import OrdinalEncoder
from torch import Tensor

from ..exceptions import SparseDataWarning
from ..layout import Picks
from ..mixed_reading import read_mixed
from ..mixed_tables import MixedTable
from ..parameters import FEW_SAMPLES, NEIGHBORS
from ..recipe import Draws, Recipe
from ..resampler import Resampler
from ..targets import Targets
from ..variants import VARIANTS, Variant
from .ballot import elect
from .categorical import ENCODER, CategoricalOverSampler
from .class_recipe import ClassRecipe
from .drawing import stream_of
from .neighbor_search import NeighborSearch
from .value_difference import ValueDifferenceSearch, class_shares

__all__ = ["SMOTEN"]


class SMOTEN(CategoricalOverSampler):
    r"""SMOTE for nominal columns: every column of a synthetic row is voted on.

    A synthetic row has in each column the most frequent category among its base and the base's k nearest rows
    of the same class, of several the first in order. Rows are compared by the value difference metric

    .. math:: d(x, y) = \sum_j \Big( \sum_c |P(c \mid x_j) - P(c \mid y_j)| \Big)^2

    with P(c | v) the share of class c among all rows of X that have the category v.

    Rows that are equally near are common here; as in imbalanced-learn, numpy's ``argpartition`` chooses among
    them. The search runs on the CPU; it compares all distinct rows of a class, in tiles of 8 MiB.
    Categories: see `SMOTENC`.

    Args:
        categorical_encoder: Gives the order of categories in its ``categories_``; None: an
            ``OrdinalEncoder``, so sorted.
        sampling_strategy: See `SMOTE`.
        random_state: See `SMOTE`.
        k_neighbors: See `SMOTE`; an estimator is given the class's n_c x n_c distances, with
            ``metric="precomputed"`` where it has a ``metric``.
        device: Where categories are voted on; None: the tensor's own device, else the CPU.
        backend: Taken for the sake of a uniform signature; the metric has one search.
        few_samples: See `SMOTE`.

    Attributes:
        sampling_strategy_: Class -> synthetic rows asked for.
        classes_: The classes, sorted.
        categorical_encoder_: The fitted encoder.
        draws_: `Draws` of the synthetic rows: each base its own neighbour, step 0.
        sample_indices_: See `SMOTE`.
        nn_k_: See `SMOTE`.

    Reference:
        Chawla, Bowyer, Hall and Kegelmeyer, "SMOTE: synthetic minority over-sampling technique", JAIR 16,
        2002, section 6.2.

    >>> X = [["a"], ["a"], ["b"], ["b"], ["b"], ["c"], ["c"], ["d"]]
    >>> X_new, y_new = SMOTEN(k_neighbors=2, random_state=0).fit_resample(X, [0, 0, 0, 0, 0, 1, 1, 1])
    >>> X_new[8:], y_new[8:]
    ([['c'], ['c']], [1, 1])
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **Resampler._parameter_constraints,
        "categorical_encoder": ENCODER,
        "k_neighbors": NEIGHBORS,
        "few_samples": FEW_SAMPLES["few_samples"],
    }
    constraint = None
    max_redraws = 0

    def __init__(
        self,
        categorical_encoder: Any = None,
        *,
        sampling_strategy: Any = "auto",
        random_state: Any = None,
        k_neighbors: Any = 5,
        device: Any = None,
        backend: str = "auto",
        few_samples: str = "raise",
    ) -> None:
        self.categorical_encoder = categorical_encoder
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.k_neighbors = k_neighbors
        self.device = device
        self.backend = backend
        self.few_samples = few_samples

    @property
    def variant(self) -> Variant:
        """A row that stays where it is, since its categories are voted on."""
        return VARIANTS["smoten"]

    def _read(self, X: Any) -> MixedTable:
        if sparse.issparse(X):
            warnings.warn(
                "SMOTEN: a sparse X is not really efficient: each column is made dense, and 0 is a category "
                "like any other; give a dense X",
                SparseDataWarning,
                stacklevel=4,
            )
        table = read_mixed(
            X,
            np.arange(self.n_features_in_),
            np.arange(0),
            encoder=self.categorical_encoder,
            default=OrdinalEncoder(dtype=np.int32, encoded_missing_value=-1),
            device=self.device,
        )
        self.categorical_encoder_ = table.categories.encoder
        return table

    def _search(self, table: MixedTable, targets: Targets) -> NeighborSearch:
        return ValueDifferenceSearch(
            table.rows,
            self.backend,
            "SMOTEN",
            self.few_samples,
            codes=torch.from_numpy(table.categories.codes),
            start=tuple(table.categories.start.tolist()),
            shares=class_shares(table.categories, targets.codes, len(targets.counts)),
        )

    def _vote(self, table: MixedTable, part: ClassRecipe, recipe: Recipe) -> tuple[Draws, Tensor]:
        stream, device = stream_of(self.random_state), part.rows.device
        assert part.table is not None
        if isinstance(stream, torch.Generator):
            draws = recipe.draw_from(stream)
            position = torch.searchsorted(part.rows, draws.base)
        else:
            position = torch.from_numpy(stream.randint(0, len(part.rows), size=part.n_new)).to(device)
            zeros, labels = torch.zeros_like(position), torch.full_like(position, part.label)
            draws = recipe.draws(Picks(position, zeros, zeros.double(), None, labels))
        draws = draws._replace(neighbors=draws.base.unsqueeze(1))
        return draws, elect(table.codes, part.table, position, None)
