"""``torchsmote resample``."""

from __future__ import annotations

import json
import time
from argparse import SUPPRESS
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..extras import import_extra
from ..method_names import make_resampler, resampler_class
from ..whole_files import replacing
from .columns import check_numbers, warn_of_scales
from .inputs import read_input
from .options import add_table, as_options, positive, strategy_for, strategy_in
from .resampling import Job, Resampled, draws_rows, resampled_by_number
from .status import Parser
from .streaming import way_for
from .tables import Sink, check_kind, check_output, check_schema, open_sink
from .words import noting, table_of, watched

__all__ = ["resample", "resample_parser"]

_REMINDER = "Resample the training split only: scores on made or repeated rows mean nothing."


def resample(words: Sequence[str]) -> int:
    """Write a table with the classes balanced: SMOTE and its family, random sampling, cleaning."""
    import_extra("pyarrow", "cli")
    asked = resample_parser().parse_args(words)
    if asked.group is not None:
        raise ValueError(
            "resample has no --group: a row that is made belongs to no group; name the column in --ignore, "
            "and split the groups before resampling"
        )
    resampler_class(asked.method)
    check_output(asked.output, asked.force, "-o/--output")
    check_kind(asked.output)
    started = time.perf_counter()
    with noting() as notes:
        job, result, way = _resampled(asked)
        _write(job, result, asked.output)
    found = _summary(job, result) | {"way": way, "seconds": round(time.perf_counter() - started, 3)}
    found |= {"output": str(asked.output), "notes": notes}
    print(json.dumps(found, indent=2, allow_nan=False) if asked.json else _text(found))
    return 0


def resample_parser() -> Parser:
    """Its options."""
    parser = Parser(prog="torchsmote resample", description=resample.__doc__)
    add_table(parser)
    parser.add_argument(
        "-o",
        "--output",
        required=True,
        type=Path,
        metavar="FILE",
        help="Where to write; CSV or Parquet, by its name.",
    )
    parser.add_argument(
        "--method",
        default="smote",
        help="smote (default), adasyn, random-over, random-under, ...",
    )
    parser.add_argument("--k", type=positive, help="Neighbours (default: the method's own).")
    parser.add_argument(
        "--strategy",
        type=strategy_in,
        metavar="S",
        help="auto, minority, ...; a ratio such as 0.5; or counts: fraud=500,theft=300.",
    )
    parser.add_argument(
        "--stream",
        choices=("auto", "yes", "no"),
        default="auto",
        help="Read block by block (smote, borderline, adasyn); auto: tables that are large.",
    )
    parser.add_argument("--force", action="store_true", help="Replace the output where it exists.")
    parser.add_argument("--group", help=SUPPRESS)
    return parser


def _resampled(asked: Any) -> tuple[Job, Resampled, str]:
    given = read_input(asked)
    file, columns, found = given.file, given.columns, given.found
    check_schema(asked.output, found.schema)
    with as_options():
        resampler = make_resampler(
            asked.method,
            k=asked.k,
            sampling_strategy=strategy_for(asked.strategy, found.labels),
            seed=asked.seed,
            categorical=columns.categorical_places,
            n_features=len(columns.features),
        )
        job = Job(file, found, columns, resampler, given.watch)
        if draws_rows(resampler):
            return job, resampled_by_number(job), "by row number"
        check_numbers(file, found, columns, ", or use random-over or random-under, which take anything")
        warn_of_scales(found, columns)
        name, run = way_for(job, asked.stream)
        return job, run(job), name


def _write(job: Job, result: Resampled, path: Path) -> None:
    """The rows that stay, then those that were made; the whole file or none.

    Raises:
        OSError: If it cannot be written, as on a full disk; it names the file.
    """
    source = job.file, job.found.schema, job.columns.categorical
    try:
        with replacing(path) as partial, open_sink(path, partial, *source) as sink:
            _put_all(job, result, sink)
    except OSError as error:
        if error.filename == str(job.file.path):
            raise
        reason = error.strerror or str(error)
        raise OSError(f"{path} cannot be written: {reason}") from error


def _put_all(job: Job, result: Resampled, sink: Sink) -> None:
    first = 0
    for block in watched(f"blocks of {job.file.path.name} copied", job.file.blocks(), job.file.n_blocks):
        end = first + len(block)
        if result.kept is not None:
            low, high = np.searchsorted(result.kept, (first, end))
            block = block.take(result.kept[low:high] - first)
        sink.copy(block)
        first = end
    if first != job.found.n_rows:
        raise ValueError(f"{job.file.path} was changed while it was read; run the command again")
    result.put_made(sink)


def _summary(job: Job, result: Resampled) -> dict[str, Any]:
    labels = job.found.labels
    made = np.bincount(result.codes, minlength=len(labels.texts))
    kept = np.asarray(labels.counts)
    if result.kept is not None:
        kept = np.bincount(labels.codes[result.kept], minlength=len(labels.texts))
    rows = zip(labels.texts, labels.counts, kept.tolist(), made.tolist(), strict=True)
    classes = [
        {"class": text, "rows_in": count, "kept": stay, "made": new, "rows_out": stay + new}
        for text, count, stay, new in rows
    ]
    total = {key: sum(one[key] for one in classes) for key in ("rows_in", "kept", "made", "rows_out")}
    return {"input": str(job.file.path), "method": repr(job.resampler), **total, "classes": classes}


def _text(found: dict[str, Any]) -> str:
    keys = ("rows_in", "kept", "made", "rows_out")
    rows = [[one["class"], *(one[key] for key in keys)] for one in found["classes"]]
    rows.append(["all", *(found[key] for key in keys)])
    method = " ".join(found["method"].split())
    return "\n".join(
        [
            f"{method}, {found['way']}",
            "",
            table_of(["class", "rows in", "kept", "made", "rows out"], rows),
            "",
            f"Written: {found['output']} ({found['seconds']:,.1f} s)",
            _REMINDER,
        ]
    )
