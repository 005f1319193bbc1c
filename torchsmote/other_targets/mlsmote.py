"""MLSMOTE: SMOTE where a row may have several labels, which a synthetic row gets by vote."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from ..exceptions import DataWarning, NothingSampledWarning
from ..over_sampling.class_recipe import ClassRecipe
from ..over_sampling.drawing import stream_of
from ..parameters import StrOptions
from ..recipe import Draws
from ..strategy import rows_to_make
from ..tables import extend
from ..tags import ResamplerTags
from ..targets import Targets
from .base import OtherTargetSampler, equally
from .labels import Bags, read_labels, voted

__all__ = ["MLSMOTE"]


class MLSMOTE(OtherTargetSampler):
    r"""SMOTE for multilabel data: y has a column of 0 and 1 for each label.

    A label l is rare where its imbalance ratio exceeds the mean of all labels' ratios:

    .. math:: IRLbl(l) = \max_{l'} n_{l'} / n_l > MeanIR

    with :math:`n_l` rows that have it, its bag. Every row of the bag makes one synthetic row: a uniform step
    towards one of its k nearest rows of the bag. The synthetic row gets the labels that base and neighbours
    have, by ``label_strategy``; its own rare label is always among them. All bags are those of the given
    rows.

    Resample the training split only, after scaling its features. It helps least where rare and frequent
    labels sit on the same rows (a high SCUMBLE): a synthetic row then carries the frequent ones too, and no
    imbalance goes. Compare with class weights, a weight for each label's loss, and a threshold for each
    label.

    Memory: as `SMOTE`, and 4 bytes for each label of each row of the largest bag.

    Args:
        sampling_strategy: "auto": the paper's, above; or a dict of label (column name of a data frame, else
            number) to how many rows are to have it at the end. Rows made for other labels may add to that.
        random_state: See `SMOTE`.
        k_neighbors: See `SMOTE`; default 5.
        label_strategy: "ranking" (default): labels of at least half of base and neighbours, k + 1 rows;
            "union": of any of them; "intersection": of all.
        device: See `SMOTE`.
        backend: See `knn`.
        few_samples: A bag of fewer than k + 1 rows; see `SMOTE`.
        constraint: See `SMOTE`.
        max_redraws: See `SMOTE`.

    Attributes:
        sampling_strategy_: Label -> synthetic rows made from its bag.
        classes_: The labels' names or column numbers.
        imbalance_ratios_: Label -> IRLbl; inf for a label that no row has.
        mean_imbalance_ratio_: MeanIR, of the labels that some row has.
        draws_: `Draws` of the synthetic rows; ``labels`` is the column whose bag a row was made from.
        sample_indices_: Input row of each output row, -1 for a synthetic one.
        nn_k_: See `SMOTE`.

    Reference:
        Charte, Rivera, del Jesus and Herrera, "MLSMOTE: approaching imbalanced multilabel learning through
        synthetic instance generation", Knowledge-Based Systems 89, 2015. Where the text says "half or more"
        and the listing "more than half", this follows the text.

    >>> import torch
    >>> X = torch.arange(12, dtype=torch.float32).reshape(12, 1)
    >>> y = torch.zeros(12, 2, dtype=torch.int64)
    >>> y[:9, 0] = 1
    >>> y[8:, 1] = 1
    >>> sampler = MLSMOTE(k_neighbors=2, random_state=0)
    >>> X_new, y_new = sampler.fit_resample(X, y)
    >>> sampler.imbalance_ratios_, sampler.mean_imbalance_ratio_
    ({0: 1.0, 1: 2.25}, 1.625)
    >>> y_new[12:].tolist()
    [[0, 1], [0, 1], [0, 1], [0, 1]]
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **OtherTargetSampler._parameter_constraints,
        "sampling_strategy": [StrOptions({"auto"}), Mapping],
        "label_strategy": [StrOptions({"ranking", "union", "intersection"})],
    }
    _group = "label"
    _no_loop = "several rows vote on a row's labels, where a loop takes one label from one row"

    def __init__(
        self,
        *,
        sampling_strategy: Any = "auto",
        random_state: Any = None,
        k_neighbors: Any = 5,
        label_strategy: str = "ranking",
        device: Any = None,
        backend: str = "auto",
        few_samples: str = "raise",
        constraint: Callable[[Tensor], Tensor] | None = None,
        max_redraws: int = 20,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.k_neighbors = k_neighbors
        self.label_strategy = label_strategy
        self.device = device
        self.backend = backend
        self.few_samples = few_samples
        self.constraint = constraint
        self.max_redraws = max_redraws

    def __sklearn_tags__(self) -> ResamplerTags:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def fit_resample(self, X: Any, y: Any) -> tuple[Any, Any]:
        """Over-sample: the given rows, unchanged and first, then synthetic ones, by label in column order.

        Args:
            X: Numbers, shape (n, d) or (n, ...), as for `SMOTE`. Never modified.
            y: 0 and 1, shape (n, c), at least 2 columns: tensor, array, data frame or list.

        Returns:
            X and y in the containers, dtypes and on the device that came in.

        Raises:
            ValueError: If ``y`` is not such a table, a bag has too few rows, or as `SMOTE.fit_resample`.
            TypeError: If ``y`` is sparse, or as `SMOTE.fit_resample`.
        """
        stream = stream_of(self.random_state)
        table, targets, planned = self._plan(X, y)
        assert isinstance(targets, Bags)
        parts = [equally(part, stream) for part in planned]
        recipe, draws = self._drawn_once(table, targets, parts, stream)
        draws, rows = self._finish(table, draws, recipe, self.rules(table.rows, targets))
        self.record(draws, np.arange(len(targets.codes)))
        labels = self._labels(targets, parts, draws).cpu().numpy()
        kind = targets.labels.dtype if targets.labels.dtype.kind in "biuf" else np.int64
        return rows, extend(y, labels.astype(kind))

    def _labels(self, bags: Bags, parts: list[ClassRecipe], draws: Draws) -> Tensor:
        """Which synthetic row has which label, bool, shape (n_new, c)."""
        has = torch.from_numpy(bags.has).to(draws.base.device)
        made = has.new_empty((len(draws.base), has.shape[1]))
        start = 0
        for part in parts:
            end = start + part.n_new
            place = torch.searchsorted(part.rows, draws.base[start:end])
            made[start:end] = voted(has, part, self.label_strategy).index_select(0, place)
            start = end
        return made

    def _targets(self, y: Any) -> Targets:
        return read_labels(y)

    def _rows_asked_for(self, targets: Targets) -> dict[Any, int]:
        assert isinstance(targets, Bags)
        ratios, mean = targets.imbalance_ratios, targets.mean_imbalance_ratio
        self.imbalance_ratios_ = dict(zip(targets.keys, ratios.tolist(), strict=True))
        self.mean_imbalance_ratio_ = mean
        absent = [key for key, count in zip(targets.keys, targets.counts, strict=True) if not count]
        if isinstance(self.sampling_strategy, Mapping):
            asked = rows_to_make(self.sampling_strategy, targets)
            impossible = [key for key in absent if asked.get(key)]
            if impossible:
                raise ValueError(
                    f"`sampling_strategy` asks for rows of label {impossible[0]!r}, which no row has, so "
                    "there is none to start from; leave it out or collect some"
                )
            return asked
        if absent:
            warnings.warn(
                f"MLSMOTE: no row has the label {absent[0]!r}"
                f"{f', nor {len(absent) - 1} others' if len(absent) > 1 else ''}; it has no part in MeanIR, "
                "and gets no rows",
                DataWarning,
                stacklevel=5,
            )
        rare = (ratios > mean) & np.isfinite(ratios)
        if not rare.any():
            warnings.warn(
                f"MLSMOTE: no label's imbalance ratio is above MeanIR={mean:.4g}, so no row is made; ask for "
                "counts with sampling_strategy={label: count}",
                NothingSampledWarning,
                stacklevel=5,
            )
        labels = zip(targets.keys, targets.counts, rare, strict=True)
        return {key: count for key, count, is_rare in labels if is_rare}
