"""Which source makes the samples of a dataset."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from torch import Tensor
from torch.utils.data import Subset, TensorDataset

from ..neighbors.streamed import is_streamed
from .categorical import categorical_positions
from .labels import differs
from .sources import ItemSource, TensorSource
from .tensordicts import TensorDictSource, first_item, is_tensordict

__all__ = ["source_of"]


def source_of(dataset: Any, targets: Any = None, categorical: Any = None) -> TensorSource | ItemSource:
    """A fast source where the dataset is a TensorDataset, a TensorDict, or a Subset; else the general one.

    Args:
        dataset: A map-style dataset, not empty.
        targets: Labels that were given besides, shape (n_real,): a floating leaf in the label's place that
            differs from them is data.
        categorical: See `SMOTEDataset`.
    """
    item: Any
    build: Any
    rows = None
    whole = dataset
    while type(whole) is Subset:
        index = np.asarray(whole.indices, dtype=np.int64).copy()  # of a tensor, since it may move
        rows = index if rows is None else index[rows]
        whole = whole.dataset
    if is_streamed(whole) and (whole.targets is None or isinstance(whole.targets, Tensor)):
        tensors = (whole,) if whole.targets is None else (whole, whole.targets)
        item, build = whole[0], partial(TensorSource, tensors, rows)
    elif type(whole) is TensorDataset:
        item = tuple(values[0] for values in whole.tensors)
        build = partial(TensorSource, whole.tensors, rows)
    elif is_tensordict(whole):
        item, build = first_item(whole), partial(TensorDictSource, whole, rows)
    else:
        return ItemSource(dataset, targets, categorical)
    voted = categorical_positions(item, categorical)
    source: TensorSource = build(categorical=voted)
    target = source.target
    if target is None or targets is None or not differs(source.leaf(target), targets):
        return source
    without: TensorSource = build(has_label=False, categorical=voted)
    return without
