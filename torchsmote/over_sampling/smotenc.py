"""SMOTE for tables of numbers and categories."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import torch
from sklearn.preprocessing import OneHotEncoder
from torch import Tensor

from ..constraint import DomainRule, Rule
from ..mixed_reading import read_mixed
from ..mixed_tables import MixedTable
from ..parameters import StrOptions
from ..recipe import Draws, Recipe
from ..resampler import shape_of
from ..table_reading import check_shape
from ..targets import Targets
from .ballot import elect
from .categorical import CategoricalOverSampler
from .categorical_features import categorical_places, text_columns
from .class_recipe import ClassRecipe
from .class_task import ClassTask
from .drawing import draw_all, stream_of
from .mixed_search import MixedSearch, median_std
from .neighbor_search import NeighborSearch

__all__ = ["SMOTENC"]


class SMOTENC(CategoricalOverSampler):
    r"""SMOTE for nominal and continuous columns: numbers are interpolated, categories are voted on.

    Neighbours are the k nearest rows of the class by

    .. math:: d^2(x, y) = \sum_{j\ \text{number}} (x_j - y_j)^2 + m^2 \,
              |\{j\ \text{category} : x_j \ne y_j\}|

    with m the median of the standard deviations of the class's columns of numbers. A synthetic row steps from
    its base towards one neighbour as in SMOTE, and has in each categorical column the most frequent category
    of the base's k neighbours; one of several at random.

    Scale the numbers first: m makes a category count as much as a typical one. Where m is 0 (half of the
    columns are constant in the class), categories do not count in the distance; they are voted on as ever.

    Categories may be anything that can be sorted; a missing one (None, NaN, NA) is a category of its own.
    Every category that comes out was in X, with its value and dtype, so an unseen one cannot occur. Memory:
    that of `SMOTE` for the numbers, and 4 bytes a category of X and of each synthetic row; there is no
    one-hot table.

    In a `SMOTEDataset` over (x_num, x_cat, y) give the whole table as ``features=``, since
    ``categorical_features`` are columns of it, and name the leaf that is voted on: ``categorical=[1]``.

    Args:
        categorical_features: The categorical columns: their numbers, their names, a bool mask of all columns,
            or "auto": the columns of a data frame that have a categorical dtype.
        categorical_encoder: Gives the order of categories, which settles ties, in its ``categories_``; None:
            a ``OneHotEncoder``, so sorted. It must have a column for every category.
        sampling_strategy: See `SMOTE`.
        random_state: See `SMOTE`.
        k_neighbors: See `SMOTE`; an estimator is given the one-hot table of the class, as a scipy sparse one,
            with :math:`m / \sqrt 2` for 1.
        device: See `SMOTE`.
        backend: See `knn`; only "auto" and "torch" compare categories.
        few_samples: See `SMOTE`.
        constraint: See `SMOTE`; it is shown the columns of numbers alone, in their order.
        max_redraws: See `SMOTE`.

    Attributes:
        sampling_strategy_: Class -> synthetic rows asked for.
        classes_: The classes, sorted.
        categorical_features_: The categorical columns, int64, in the order given.
        continuous_features_: The others, ascending.
        categorical_encoder_: The fitted encoder.
        median_std_: Class -> m.
        n_features_: Columns of X.
        draws_: See `SMOTE`.
        sample_indices_: See `SMOTE`.
        nn_k_: See `SMOTE`.

    Raises:
        ValueError: If all columns are categorical, or none is.

    Reference:
        Chawla, Bowyer, Hall and Kegelmeyer, "SMOTE: synthetic minority over-sampling technique", JAIR 16,
        2002, section 6.1.

    >>> X = [[0.0, "a"], [1.0, "b"], [2.0, "b"], [3.0, "b"], [7.0, "c"], [8.0, "c"], [9.0, "c"]]
    >>> sampler = SMOTENC(categorical_features=[1], k_neighbors=2, random_state=0)
    >>> X_new, y_new = sampler.fit_resample(X, [0, 0, 0, 0, 1, 1, 1])
    >>> X_new[-1][1], y_new.count(1)
    ('c', 4)
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **CategoricalOverSampler._parameter_constraints,
        "categorical_features": ["array-like", StrOptions({"auto"})],
    }
    _required_parameters: ClassVar[list[str]] = ["categorical_features"]

    def __init__(
        self,
        categorical_features: Any,
        *,
        categorical_encoder: Any = None,
        sampling_strategy: Any = "auto",
        random_state: Any = None,
        k_neighbors: Any = 5,
        device: Any = None,
        backend: str = "auto",
        few_samples: str = "raise",
        constraint: Callable[[Tensor], Tensor] | None = None,
        max_redraws: int = 20,
    ) -> None:
        self.categorical_features = categorical_features
        self.categorical_encoder = categorical_encoder
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.k_neighbors = k_neighbors
        self.device = device
        self.backend = backend
        self.few_samples = few_samples
        self.constraint = constraint
        self.max_redraws = max_redraws

    def check(self, X: Any, y: Any) -> Targets:
        """See `Resampler`; which columns hold categories is settled first."""
        self.check_parameters()
        self._check_in_memory(X)
        # Before anything of y: which columns hold categories is a question to X alone.
        shape = shape_of(X)
        check_shape(shape)
        self.n_features_ = shape[1]
        self.categorical_features_ = categorical_places(X, self.categorical_features, self.n_features_)
        self.continuous_features_ = np.setdiff1d(np.arange(self.n_features_), self.categorical_features_)
        if not len(self.continuous_features_):
            raise ValueError(
                "SMOTENC: SMOTE-NC is not designed to work only with categorical features, and "
                f"`categorical_features` names all {self.n_features_} columns; use SMOTEN"
            )
        if not len(self.categorical_features_):
            raise ValueError(
                "SMOTENC: SMOTE-NC is not designed to work only with numerical features, and "
                f"`categorical_features` names no column; {_remedy(X, self.categorical_features)}"
            )
        return super().check(X, y)

    def _read(self, X: Any) -> MixedTable:
        table = read_mixed(
            X,
            self.categorical_features_,
            self.continuous_features_,
            encoder=self.categorical_encoder,
            default=OneHotEncoder(handle_unknown="ignore"),
            device=self.device,
        )
        self.categorical_encoder_ = table.categories.encoder
        _check_columns(self.categorical_encoder_)
        return table

    def rules(self, rows: Tensor, targets: Targets) -> list[Rule]:
        """The ``constraint``, where there is one, on the columns of numbers; see `SMOTE.rules`."""
        if self.constraint is None:
            return []
        return [DomainRule(self.constraint, torch.from_numpy(self.continuous_features_))]

    def _start(self) -> None:
        super()._start()
        self.median_std_: dict[Any, Any] = {}

    def _search(self, table: MixedTable, targets: Targets) -> NeighborSearch:
        return MixedSearch(table.rows, self.backend, "SMOTENC", self.few_samples, codes=table.codes)

    def _class_recipes(self, search: NeighborSearch, task: ClassTask) -> list[ClassRecipe]:
        median = median_std(search.rows.index_select(0, task.rows))
        self.median_std_[task.label] = median
        assert isinstance(search, MixedSearch)
        one = (median / np.sqrt(2)).astype(median.dtype)
        search = replace(search, one=float(one))
        table = search.nearest_of_class(self.k_neighbors, task.rows, task.rows, task.label, "k_neighbors")
        return [ClassRecipe(task.position, task.rows, table, task.n_new)]

    def _vote(self, table: MixedTable, part: ClassRecipe, recipe: Recipe) -> tuple[Draws, Tensor]:
        draws = draw_all(recipe, [part], self.random_state, once_per_fit=False)
        if self.constraint is not None:
            draws = self._redraw(table, draws, self._again(recipe), [DomainRule(self.constraint)])
        assert part.table is not None
        position = torch.searchsorted(part.rows, draws.base)
        return draws, elect(table.codes, part.table, position, stream_of(self.random_state))


def _remedy(X: Any, features: Any) -> str:
    """What to do where no column is categorical; "auto" overlooks text that has no categorical dtype."""
    text = text_columns(X) if isinstance(features, str) else []
    if not text:
        return "use SMOTE"
    return f'convert text such as {text[0]!r} by astype("category"), or name it: categorical_features={text}'


def _check_columns(encoder: Any) -> None:
    """Refuse an encoder that drops or merges categories.

    Raises:
        ValueError: If it has fewer columns than categories.
    """
    if not hasattr(encoder, "transform"):
        return
    categories = encoder.categories_
    one_row = np.array([[values[0] for values in categories]], dtype=object)
    columns, n_categories = encoder.transform(one_row).shape[1], sum(len(values) for values in categories)
    if columns != n_categories:
        raise ValueError(
            "SMOTENC requires a one-hot encoding with one column per category, but `categorical_encoder` "
            f"makes {columns} columns of {n_categories} categories; set drop=None, min_frequency=None and "
            "max_categories=None in it"
        )
