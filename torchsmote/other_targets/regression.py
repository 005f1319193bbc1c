"""Over-sampling for a continuous target: rare bins grow, normal ones shrink."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from numbers import Real
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..draws import Draws, Make, synthesize
from ..exceptions import NothingSampledWarning
from ..over_sampling.class_recipe import ClassRecipe
from ..over_sampling.class_task import ClassTask
from ..over_sampling.drawing import Stream, some_of, stream_of
from ..over_sampling.neighbor_search import NeighborSearch
from ..parameters import Interval, StrOptions
from ..tables import Table
from ..targets import Targets, to_host
from .base import OtherTargetSampler, equally
from .bins import Bin, Bins, bins_of, rows_wanted
from .continuous import interpolate, read_continuous, with_made
from .noise import Noisy
from .relevance import Relevance

__all__ = ["RegressionSampler"]


class RegressionSampler(OtherTargetSampler):
    """Base class of SMOTER and SMOGN: relevance, bins, under-sampling, and the target of synthetic rows."""

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **OtherTargetSampler._parameter_constraints,
        "sampling_strategy": [
            StrOptions({"balance", "extreme"}),
            Interval(Real, 0, 1, closed="right"),
            Mapping,
        ],
        "relevance": [StrOptions({"auto", "low", "high"}), callable, "array-like"],
        "relevance_threshold": [Interval(Real, 0, 1, closed="right")],
        "under_sample": ["boolean"],
    }
    _group = "the bin of y in"
    _no_loop = "their targets are interpolated with them, where a loop takes the label of one row"

    relevance: Any
    relevance_threshold: float
    under_sample: bool

    def fit_resample(self, X: Any, y: Any) -> tuple[Any, Any]:
        """Resample: the real rows that stay, in their order, then synthetic ones, by bin in ascending order.

        Args:
            X: Numbers, shape (n, d) or (n, ...), as for `SMOTE`. Never modified.
            y: Numbers, shape (n,) or (n, 1): tensor, array, series, data frame or list.

        Returns:
            X and y in the containers, dtypes and on the device that came in.

        Raises:
            ValueError: If no value of y is rare or all are, y is constant or holds NaN, a bin has too few
                rows, or as `SMOTE.fit_resample`.
            TypeError: If y does not hold numbers, or as `SMOTE.fit_resample`.
        """
        stream = stream_of(self.random_state)
        table, bins, planned = self._plan(X, y)
        assert isinstance(bins, Bins)
        parts = [equally(part, stream) for part in planned]
        drawn, make = self._drawn(table, bins, parts, stream)
        draws = Draws(*drawn[:4])
        kept = self._kept(bins, stream)
        self.record(draws, np.arange(len(bins.codes)) if kept is None else kept)
        targets = interpolate(bins.labels, table.rows, draws)
        if isinstance(drawn, Noisy):
            targets += drawn.noise[:, -1].cpu().numpy()
        return table.append(drawn, make, kept), with_made(y, kept, targets, bins.whole)

    def _drawn(
        self, table: Table, bins: Bins, parts: list[ClassRecipe], stream: Stream
    ) -> tuple[Draws | Noisy, Make]:
        """What is drawn, once every row keeps the rules, and how rows follow from it."""
        recipe, draws = self._drawn_once(table, bins, parts, stream)
        rules = self.rules(table.rows, bins)
        if rules:
            draws = self._redraw(table, draws, self._again(recipe), rules)
        return draws, synthesize

    def _kept(self, bins: Bins, stream: Stream) -> NDArray[np.int64] | None:
        """Rows that stay, ascending; None: all."""
        if all(own.n_wanted >= own.n_rows for own in self.bins_):
            return None
        stay = np.ones(len(bins.codes), dtype=bool)
        for position, own in enumerate(self.bins_):
            if own.n_wanted < own.n_rows:
                rows = bins.rows_of(position)
                stay[rows] = False
                stay[rows[some_of(stream, own.n_rows, own.n_wanted)]] = True
        return np.flatnonzero(stay)

    def _class_recipes(self, search: NeighborSearch, task: ClassTask) -> list[ClassRecipe]:
        own = self.bins_[task.position]
        table = search.nearest_of_class(
            self.k_neighbors, task.rows, task.rows, (own.low, own.high), "k_neighbors"
        )
        return [ClassRecipe(task.position, task.rows, table, task.n_new)]

    def _targets(self, y: Any) -> Targets:
        values, whole = read_continuous(y, type(self).__name__)
        self.relevance_ = self._relevance_of(values)
        rare = self.relevance_ >= self.relevance_threshold
        if rare.all() or not rare.any():
            which = "all values of y have" if rare.any() else "no value of y has"
            raise ValueError(
                f"{type(self).__name__}: {which} a relevance of relevance_threshold="
                f"{self.relevance_threshold} or more (lowest {self.relevance_.min():.4g}, highest "
                f"{self.relevance_.max():.4g}), so none is rarer than another; change the threshold, or say "
                "what is rare by control points: relevance=[[y, 0], [y, 1]]"
            )
        return bins_of(values, rare, whole)

    def _rows_asked_for(self, targets: Targets) -> dict[Any, int]:
        assert isinstance(targets, Bins)
        wanted = rows_wanted(self.sampling_strategy, targets, self.under_sample)
        self.bins_ = tuple(
            Bin(*limits, rare, count, goal)
            for limits, rare, count, goal in zip(
                targets.limits, targets.rare, targets.counts, wanted, strict=True
            )
        )
        if wanted == targets.counts:
            warnings.warn(
                f"{type(self).__name__}: every bin of y has the rows it is to have, {list(wanted)}, so "
                "nothing changes; ask for counts with sampling_strategy={bin: count}",
                NothingSampledWarning,
                stacklevel=5,
            )
        asked = {position: own.n_wanted - own.n_rows for position, own in enumerate(self.bins_)}
        return {position: n_new for position, n_new in asked.items() if n_new > 0}

    def _relevance_of(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Relevance of each row; sets ``relevance_function_``."""
        name = self.relevance if isinstance(self.relevance, str) else None
        if name is not None:
            ends = "both" if name == "auto" else name
            self.relevance_function_: Any = Relevance.from_box_plot(values, ends)
        elif callable(self.relevance):
            self.relevance_function_ = self.relevance
        else:
            self.relevance_function_ = Relevance(self.relevance)
        phi = to_host(self.relevance_function_(values.copy())).astype(np.float64)
        if phi.shape != values.shape or not ((phi >= 0) & (phi <= 1)).all():
            raise ValueError(
                f"`relevance` must return one number in [0, 1] for each of {len(values)} values of y, got "
                f"shape {phi.shape}" + (f", from {phi.min():g} to {phi.max():g}" if phi.size else "")
            )
        return phi
