"""SMOTELoader: over-sampling as skorch's ``iterator_train``, so in training folds and nowhere else."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Subset, TensorDataset

from .data import SMOTEDataset, SMOTESampler
from .data.fitting import own_resampler
from .extras import import_extra

__all__ = ["SMOTELoader"]

SkorchDataset = import_extra("skorch.dataset", "trainers").Dataset

_PREFIX = "resampler__"


class SMOTELoader(DataLoader[Any]):
    """A DataLoader over a `SMOTEDataset` that it makes of the dataset it is given.

    What a skorch net asks for as ``iterator_train``: the net hands it its training rows alone, after its own
    ``train_split``, and scikit-learn hands the net the rows of the training folds alone. Validation and
    prediction go through ``iterator_valid``, which is another. Arguments are set by skorch's prefix, those of
    the resampler by one more: ``iterator_train__resampler__k_neighbors=3``, in a parameter grid too.

    Where skorch's Dataset holds arrays or tensors, batches are made of tensors, some 50 times faster than
    item by item.

    Args:
        dataset: The training rows; what `SMOTEDataset` takes.
        batch_size: Samples in a batch.
        resampler: An over-sampler, cloned; None is ``SMOTE()``.
        seed: In [0, 2**64); of synthetic rows and order. Each call of ``fit`` starts with epoch 0, so
            ``partial_fit`` makes the same synthetic rows again.
        **options: Parameters of the resampler, as ``resampler__k_neighbors``, and further arguments of
            DataLoader: ``num_workers``, ``drop_last`` ...

    Raises:
        ImportError: On import, if skorch is not installed; the extra ``trainers`` brings it.
        TypeError: If ``resampler`` is no over-sampler, or DataLoader does not know an argument.
        ValueError: If the resampler has no such parameter or cannot be fitted.

    >>> import numpy as np
    >>> from skorch.dataset import Dataset
    >>> from torchsmote.skorch import SMOTELoader
    >>> X, y = np.arange(24, dtype=np.float32).reshape(12, 2), np.array([0] * 8 + [1] * 4)
    >>> loader = SMOTELoader(Dataset(X, y), batch_size=8, resampler__k_neighbors=2)
    >>> [(tuple(x.shape), len(y)) for x, y in loader], loader.dataset.n_synthetic
    ([((8, 2), 8), ((8, 2), 8)], 4)
    """

    def __init__(
        self, dataset: Any, batch_size: int = 1, *, resampler: Any = None, seed: int = 0, **options: Any
    ) -> None:
        params = {name: options.pop(name) for name in list(options) if name.startswith(_PREFIX)}
        method = own_resampler(resampler).set_params(**{k[len(_PREFIX) :]: v for k, v in params.items()})
        longer = SMOTEDataset(_of_tensors(dataset), method, seed=seed)
        options.setdefault("generator", torch.Generator().manual_seed(seed))  # else the global one moves
        super().__init__(longer, batch_size, sampler=SMOTESampler(longer, seed=seed), **options)


def _of_tensors(dataset: Any) -> Any:
    """A Dataset of skorch over arrays, or a Subset of one, as tensors; any other as it is."""
    part = isinstance(dataset, Subset)
    whole = dataset.dataset if part else dataset
    if type(whole) is not SkorchDataset:
        return dataset
    if not all(isinstance(values, (Tensor, np.ndarray)) for values in (whole.X, whole.y)):
        return dataset
    tensors = TensorDataset(torch.as_tensor(whole.X), torch.as_tensor(whole.y))
    return Subset(tensors, dataset.indices) if part else tensors
