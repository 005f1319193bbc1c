"""The engine for Dask: fit_resample of frames and arrays in partitions, as of the same rows in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.utils.validation import validate_data
from torch import Tensor

from ..draws import Draws
from ..engines import register
from ..extras import import_extra
from ..neighbors.best import Best
from ..neighbors.rows import Rows
from ..neighbors.scaling import Extent
from ..over_sampling.class_recipe import ClassRecipe, assemble
from ..recipe import Origin, Recipe
from ..table_reading import read_table
from ..targets import Targets, encode, first_rows
from . import partition_tasks as tasks
from .engine import growing_rows
from .methods import check_method, searches
from .partitions import Partitions, is_dask
from .search import Held, HeldSearch

__all__ = ["DaskEngine"]

_FAN = 8  # results merged at a time


@dataclass(frozen=True, eq=False)
class _Job:
    """A table and its labels, and what is known of them before anything is drawn.

    Attributes:
        resampler: What samples.
        X: The table.
        y: Its labels.
        targets: The labels, encoded.
        lengths: Rows of each partition.
    """

    resampler: Any
    X: Partitions
    y: Partitions
    targets: Targets
    lengths: NDArray[np.int64]

    @classmethod
    def of(cls, resampler: Any, X: Any, y: Any) -> _Job:
        """Check what can be checked at once, and compute the labels."""
        check_method(resampler, X)
        table = Partitions.of(X, "X", 2)
        labels = table.aligned(Partitions.of(y, "y", 1))
        targets, lengths = _encoded(labels)
        shape = len(targets.codes), table.given.shape[1]
        resampler.check(torch.empty(shape, device="meta"), targets)
        if table.is_frame:
            validate_data(resampler, X=table.meta, reset=True, skip_check_array=True)
        return cls(resampler, table, labels, targets, lengths)

    @property
    def starts(self) -> NDArray[np.int64]:
        """The number of the first row of each partition."""
        return np.cumsum(self.lengths) - self.lengths

    def fetch(self, parts: list[Any], numbers: NDArray[np.int64], searched: bool = False) -> Any:
        """Rows of these ascending numbers, computed and held, and the extent of all rows."""
        gather = import_extra("dask", "scale").delayed(tasks.gather)
        cuts = np.searchsorted(numbers, [*self.starts.tolist(), len(self.targets.codes)])
        wanted = [
            gather(part, numbers[low:high] - start, n, place, searched)
            for place, (part, low, high, start, n) in enumerate(
                zip(parts, cuts[:-1], cuts[1:], self.starts, self.lengths.tolist(), strict=True)
            )
            if searched or low < high
        ]
        found = import_extra("dask", "scale").compute(*wanted)
        extent = Extent()
        if not found:
            return self.X.meta, extent
        for one in found:
            extent |= one.extent
        return tasks.stack([one.rows for one in found]), extent

    def among_all(self, extent: Extent) -> Any:
        """The search of all partitions; see `HeldSearch`."""
        delayed = import_extra("dask", "scale").delayed

        def search(asked: Rows, k: int, own: Tensor) -> Best:
            # Only the rows asked for travel, not all that are held.
            alone = replace(asked, table=asked.raw(slice(0, len(asked)))[0], index=None)
            shared, numbers = delayed(alone, traverse=False), delayed(own, traverse=False)
            backend = self.resampler.backend
            found = [
                delayed(tasks.search)(part, shared, k, numbers, extent, start, place, backend)
                for place, (part, start) in enumerate(zip(self.X.parts, self.starts.tolist(), strict=True))
            ]
            while len(found) > 1:
                found = [delayed(tasks.merge)(found[at : at + _FAN]) for at in range(0, len(found), _FAN)]
            best: Best = found[0].compute()
            return best

        return search


class DaskEngine:
    """Serves Dask data frames with a series of labels, and Dask arrays with an array of them."""

    def takes(self, X: Any) -> bool:
        """Whether X is a Dask collection."""
        return is_dask(X)

    def recipe(self, resampler: Any, X: Any, y: Any, generator: torch.Generator | None) -> Recipe:
        """The recipe; ``generator`` is not used, since no method served here draws numbers in its fit."""
        job = _Job.of(resampler, X, y)
        recipe, _, _ = _fitted(job)
        return replace(recipe, origin=Origin.of(resampler, job.targets))

    def fit_resample(self, resampler: Any, X: Any, y: Any) -> tuple[Any, Any]:
        """The given partitions, then synthetic ones, as lazy collections of the kind that came in."""
        job = _Job.of(resampler, X, y)
        recipe, parts, (pool, numbers) = _fitted(job)
        draws = resampler.draw(recipe, parts)
        resampler.record(draws, np.arange(len(job.targets.codes)))
        made = list(_made(job, draws, *_pool(job, pool, numbers, draws)))
        rows, labels = ([(part[place], part[2]) for part in made] for place in (0, 1))
        return job.X.grown(job.lengths, rows), job.y.grown(job.lengths, labels)


def _encoded(y: Partitions) -> tuple[Targets, NDArray[np.int64]]:
    """The labels of all partitions in one numbering, and the rows of each partition."""
    dask = import_extra("dask", "scale")
    found: list[tasks.Labels] = list(dask.compute(*[dask.delayed(tasks.label)(part) for part in y.parts]))
    lengths = np.array([len(one.codes) for one in found], dtype=np.int64)
    for start, one in zip((np.cumsum(lengths) - lengths).tolist(), found, strict=True):
        if one.missing is not None:
            raise ValueError(f"`y` has a missing label in row {start + one.missing}; remove or relabel it")
    occurring = [one.classes for one in found if len(one.classes)]
    classes = encode(np.concatenate(occurring) if occurring else np.empty(0))
    ends = np.cumsum([len(one.classes) for one in found])[:-1]
    parts = zip(np.split(classes.codes, ends), found, strict=True)
    codes = np.concatenate([own[one.codes] for own, one in parts if len(own)])
    counts = tuple(np.bincount(codes, minlength=len(classes.counts)).tolist())
    return Targets(classes.classes[codes], classes.classes, codes, counts), lengths


def _fitted(job: _Job) -> tuple[Recipe, list[ClassRecipe], tuple[Any, NDArray[np.int64]]]:
    """The recipe and what it was assembled from, and the rows that are held, with their numbers."""
    numbers = growing_rows(job.resampler, job.targets)
    rows, extent = job.fetch(job.X.parts, numbers.numpy(), searches(job.resampler))
    if searches(job.resampler):
        values = read_table(rows).rows if len(rows) else torch.empty((0, 1))
    else:
        single = getattr(job.X.meta, "dtype", None) == np.float32
        values = torch.empty((len(rows), 0), dtype=torch.float32 if single else torch.float64)
    held = Held(values, numbers, len(job.targets.codes), extent)
    search = HeldSearch(job.resampler, held, job.among_all(extent))
    parts = job.resampler.class_recipes(search, job.targets)
    variant, classes = job.resampler.variant, len(job.targets.counts)
    return assemble(parts, classes, variant, values.dtype, values.device), parts, (rows, numbers.numpy())


def _pool(job: _Job, rows: Any, numbers: NDArray[np.int64], draws: Draws) -> tuple[Any, Draws]:
    """Every row that the draws name, and the draws as they count in these."""
    more = np.setdiff1d(draws.neighbors.numpy(), numbers)
    if len(more):  # enemies, of Borderline-SMOTE's second kind
        rows = tasks.stack([rows, job.fetch(job.X.parts, more)[0]])
        numbers = np.concatenate((numbers, more))
    order = np.argsort(numbers)

    def place(of: Tensor) -> Tensor:
        return torch.from_numpy(order[np.searchsorted(numbers, of.numpy(), sorter=order)])

    return rows, draws._replace(base=place(draws.base), neighbors=place(draws.neighbors))


def _made(job: _Job, draws: Draws, pool: Any, local: Draws) -> Iterator[tuple[Any, Any, int]]:
    """Synthetic partitions, as large as real ones on average: rows and labels, delayed, and how many."""
    delayed = import_extra("dask", "scale").delayed
    first = first_rows(job.targets.codes, len(job.targets.counts))
    order = np.argsort(first)
    shared = delayed(pool, traverse=False)
    shared_labels = delayed(job.fetch(job.y.parts, first[order])[0], traverse=False)
    positions = np.argsort(order)[draws.labels.numpy()]
    n, n_new = len(job.targets.codes), len(draws.base)
    size = -(-n // np.count_nonzero(job.lengths))
    for start in range(0, n_new, size):
        part = slice(start, start + size)
        own = Draws(*(values[part].clone() for values in local))  # a view would travel with all of them
        labels = delayed(tasks.repeat)(shared_labels, positions[part].copy(), n + start)
        if searches(job.resampler):
            rows = delayed(tasks.mix)(shared, delayed(own, traverse=False), n + start)
        else:
            rows = delayed(tasks.repeat)(shared, own.base.numpy(), n + start)
        yield rows, labels, len(own.base)


register(DaskEngine())
