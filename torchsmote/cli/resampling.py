"""From a table in a file to the rows that stay and those that are made, in memory or block by block."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from ..draws import Draws
from ..extras import import_extra
from ..over_sampling import RandomOverSampler
from ..recipe import synthesize
from ..streamed.engine import fit_blocks
from ..table_reading import read_table
from ..under_sampling import RandomUnderSampler
from .columns import Columns
from .frames import read_frame
from .rows import FileRows, Watch
from .tables import Block, Sink, Survey, TableFile

__all__ = [
    "Job",
    "Resampled",
    "draws_rows",
    "resampled_by_number",
    "resampled_in_blocks",
    "resampled_in_memory",
]

_CHUNK, _BYTES = 1 << 15, 32 << 20  # at most so many rows are made at a time, and so many bytes of them


@dataclass(frozen=True, eq=False)
class Job:
    """A table and what is to be done with it.

    Attributes:
        file: The table.
        found: Its survey.
        columns: What its columns are.
        resampler: What resamples.
        watch: See `FileRows`.
    """

    file: TableFile
    found: Survey
    columns: Columns
    resampler: Any
    watch: Watch = iter


@dataclass(frozen=True, eq=False)
class Resampled:
    """What a resampler chose and made.

    Attributes:
        kept: Which rows of the table stay, ascending, int64; None: all.
        codes: Class position of each row that is made, in order.
        put_made: Writes these rows.
    """

    kept: NDArray[np.int64] | None
    codes: NDArray[Any]
    put_made: Callable[[Sink], None]


def draws_rows(resampler: Any) -> bool:
    """Whether a resampler only needs the labels: it repeats or removes rows, whatever they hold."""
    return isinstance(resampler, (RandomOverSampler, RandomUnderSampler))


def resampled_by_number(job: Job) -> Resampled:
    """Random sampling: rows are chosen by number, and copied."""
    n, labels = job.found.n_rows, job.found.labels
    chosen = _chosen(job)
    if isinstance(job.resampler, RandomUnderSampler):
        return Resampled(np.sort(chosen), labels.codes[:0], lambda sink: None)
    repeated = chosen[n:]

    def put(sink: Sink) -> None:
        bases = np.unique(repeated)
        if not len(bases):
            return
        pool = _gathered(job, bases)
        places = np.searchsorted(bases, repeated)
        for part in _parts(len(places), pool.n_bytes / len(pool)):
            sink.copy(pool.take(places[part]))

    return Resampled(None, labels.codes[repeated], put)


def resampled_in_blocks(job: Job) -> Resampled:
    """Over-sampling with the rows of the classes that grow in memory, and no others.

    Raises:
        TypeError: If the method needs all rows in memory.
    """
    pa, names = import_extra("pyarrow", "cli"), job.columns.features
    rows = FileRows(job.file, job.found, names, job.watch)
    fitted = fit_blocks(job.resampler, rows, job.found.labels.targets)
    draws = job.resampler.draw(fitted.recipe, fitted.parts)
    held, schema = fitted.held, job.found.schema
    values = held.rows.numpy()
    dtypes = (
        pa.schema([schema.field(name) for name in names]).empty_table().to_pandas(ignore_metadata=True).dtypes
    )
    frame = import_extra("pandas", "cli").DataFrame(values, columns=names).astype(dict(dtypes))
    table = read_table(frame) if len(frame) else None  # of no rows, none are made

    def put(sink: Sink) -> None:
        for part in _parts(len(draws.base), 8 * len(names)):
            assert table is not None
            base, neighbors, steps, labels = (values[part] for values in draws)
            local = Draws(held.at(base), held.at(neighbors), steps, labels)
            made = table.make(local, synthesize).numpy()
            columns = {name: made[:, place].astype(dtypes[name]) for place, name in enumerate(names)}
            sink.add(_whole_table(job, columns, labels.numpy()))

    return Resampled(None, draws.labels.numpy(), put)


def resampled_in_memory(job: Job) -> Resampled:
    """Any method, on a data frame of all rows."""
    names = job.columns.features
    frame = read_frame(job.file, job.found, names, job.watch)
    grown, labels = job.resampler.fit_resample(frame, job.found.labels.values)
    # Cluster centres come without: then every row counts as made.
    chosen = getattr(job.resampler, "sample_indices_", np.full(len(labels), -1))
    made = chosen < 0
    kept = np.sort(chosen[~made])
    new = grown[made]
    codes = np.searchsorted(job.found.labels.classes, labels[made])

    def put(sink: Sink) -> None:
        for part in _parts(len(new), 8 * len(names)):
            columns = {name: new[name].iloc[part] for name in names}
            sink.add(_whole_table(job, columns, codes[part]))

    return Resampled(kept, codes, put)


def _chosen(job: Job) -> NDArray[np.int64]:
    """Rows that random sampling draws; by position of the class, since labels may be long texts."""
    n, labels = job.found.n_rows, job.found.labels
    X = np.empty((n, 1), np.int8)
    job.resampler.check(X, labels.targets)  # its messages name the classes
    strategy = job.resampler.sampling_strategy
    if isinstance(strategy, dict):
        positions = {value: place for place, value in enumerate(labels.classes.tolist())}
        strategy = {positions[name]: count for name, count in strategy.items()}
    by_position = clone(job.resampler).set_params(sampling_strategy=strategy)
    by_position.fit_resample(X, labels.codes)
    return by_position.sample_indices_  # type: ignore[no-any-return]


def _parts(n: int, width: float) -> Iterator[slice]:
    """Slices of n rows, each of ``width`` bytes."""
    size = max(1, min(_CHUNK, int(_BYTES / max(width, 1))))
    return (slice(start, start + size) for start in range(0, n, size))


def _gathered(job: Job, rows: NDArray[np.int64]) -> Block:
    """Rows of the file by ascending number, held in memory."""
    parts, first = [], 0
    for block in job.watch(job.file.blocks()):
        low, high = np.searchsorted(rows, (first, first + len(block)))
        parts.append(block.take(rows[low:high] - first))
        first += len(block)
    return Block.joined(parts)


def _whole_table(job: Job, made: Mapping[str, Any], codes: NDArray[Any]) -> Any:
    """All columns of rows that were made, in the order of the table; what is ignored is missing."""
    pa = import_extra("pyarrow", "cli")
    columns = {}
    for field in job.found.schema:
        if field.name in made:
            columns[field.name] = pa.array(made[field.name], type=field.type, from_pandas=True)
        elif field.name == job.columns.target:
            columns[field.name] = job.found.labels.column(field.type).take(pa.array(codes))
        else:
            columns[field.name] = pa.nulls(len(codes), field.type)
    return pa.table(columns)
