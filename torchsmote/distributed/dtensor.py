"""DTensors that are sharded by rows, at the table door: in, and out."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import torch
from torch import Tensor, distributed

from ..process_group import Ranks
from ..recipe import Recipe
from . import resampling

__all__ = ["DTensorEngine"]


class DTensorEngine:
    """Over-samples ``DTensor``s with the placement ``Shard(0)`` of a mesh of one dimension.

    What comes out are DTensors of that placement and mesh, with the rows that one process makes, in their
    order. So real rows move between ranks; ``torchsmote.distributed.fit_resample`` leaves them in place.
    """

    def takes(self, X: Any) -> bool:
        """Whether it is a DTensor; nothing is imported to find out."""
        module = sys.modules.get("torch.distributed.tensor")
        return module is not None and isinstance(X, module.DTensor)

    def fit_resample(self, resampler: Any, X: Any, y: Any) -> tuple[Any, Any]:
        """See `SMOTE.fit_resample`, with DTensors in and out."""
        ranks, rows, labels = _local(X, y)
        fit = resampling.Fit.of(ranks, resampler, rows, labels)
        shards, n_real = fit.shards, fit.shards.n_rows
        total = n_real + fit.recipe.n_synthetic
        first, end = _share(total, ranks)
        real = torch.arange(min(first, n_real), min(end, n_real), device=rows.device)
        draws = fit.drawn(max(first, n_real) - n_real, max(end, n_real) - n_real)
        resampler.record(draws, real.cpu().numpy())
        kept = shards.take(rows.flatten(1), real).unflatten(1, rows.shape[1:])
        made = fit.extended(kept, draws)
        classes = shards.targets.classes
        known = np.concatenate((classes[shards.targets.codes[real.cpu().numpy()]], fit.labels(draws)))
        return _spread(made, X, total), _spread(torch.from_numpy(known).to(labels), y, total)

    def recipe(self, resampler: Any, X: Any, y: Any, generator: torch.Generator | None) -> Recipe:
        """See `SMOTE.recipe`; the whole recipe on every rank."""
        ranks, rows, labels = _local(X, y)
        return resampling.recipe(resampler, rows, labels, generator, ranks.group)


def _local(X: Any, y: Any) -> tuple[Ranks, Tensor, Tensor]:
    """The ranks, and this one's rows and labels.

    What is wrong here is so on every rank, so that it may be raised at once.
    """
    from torch.distributed.tensor import DTensor, Shard

    for name, values in (("X", X), ("y", y)):
        if not isinstance(values, DTensor):
            raise TypeError(
                f"`{name}` must be a DTensor, as `X` is, got {type(values).__name__}; or give each rank's "
                "rows to torchsmote.distributed.fit_resample"
            )
        if values.device_mesh != X.device_mesh or tuple(values.placements) != (Shard(0),):
            raise ValueError(
                f"`{name}` must be sharded by rows, Shard(0), over a mesh of one dimension, `X` and `y` over "
                f"the same; got {values.placements} over {values.device_mesh}; call redistribute first"
            )
    group = X.device_mesh.get_group()
    ranks = Ranks.of(group)
    in_order = [distributed.get_global_rank(group, rank) for rank in range(ranks.size)]
    if X.device_mesh.mesh.tolist() != in_order:
        raise ValueError(f"the mesh of `X` must have its ranks in ascending order, got {X.device_mesh}")
    return ranks, X.to_local().detach(), y.to_local().detach()


def _share(total: int, ranks: Ranks) -> tuple[int, int]:
    """The rows of this rank in a DTensor of so many: all ranks but the last ones have as many."""
    size = -(-total // ranks.size)
    return min(total, size * ranks.rank), min(total, size * (ranks.rank + 1))


def _spread(local: Tensor, like: Any, total: int) -> Any:
    """A DTensor of all ranks' rows, on the mesh of another one."""
    from torch.distributed.tensor import DTensor, Shard

    shape = torch.Size((total, *local.shape[1:]))
    stride = torch.empty(shape, device="meta").stride()
    return DTensor.from_local(
        local.contiguous(), like.device_mesh, [Shard(0)], run_check=False, shape=shape, stride=stride
    )
