"""A table and the files that hold it, for tests of what reads them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet

N, D = 900, 4
NAMES = [f"x{place}" for place in range(D)]
FORMS = ["parquet", "folder", "ipc", "compressed", "table", "file", "dataset"]


def frame(dtype="float32", seed=0):
    """Three classes that overlap, the smallest with some twins."""
    rng = np.random.RandomState(seed)
    y = rng.permutation(np.repeat([0, 1, 2], [N - 220, 140, 80]))
    X = rng.randn(N, D) + 1.2 * np.eye(3, D)[y]
    X[np.flatnonzero(y == 2)[:20]] = X[np.flatnonzero(y == 2)[20:40]]
    table = pd.DataFrame(X.astype(dtype), columns=NAMES)
    return table.assign(y=y)


def source(form, folder, table=None):
    """The table as a source of ArrowRows, in pieces of 128 rows."""
    arrow = pa.Table.from_pandas(frame() if table is None else table, preserve_index=False)
    path = folder / "rows.parquet"
    pyarrow.parquet.write_table(arrow, path, row_group_size=128)
    if form == "folder":
        path.unlink()
        for place in range(3):
            part = arrow.slice(300 * place, 300)
            pyarrow.parquet.write_table(part, folder / f"part{place}.parquet", row_group_size=128)
        return folder
    if form in ("ipc", "compressed"):
        options = pa.ipc.IpcWriteOptions(compression="zstd" if form == "compressed" else None)
        with pa.ipc.new_file(str(folder / "rows.arrow"), arrow.schema, options=options) as writer:
            writer.write_table(arrow, max_chunksize=128)
        return str(folder / "rows.arrow")
    if form == "table":
        return pa.concat_tables([arrow.slice(0, 500), arrow.slice(500, 0), arrow.slice(500)])
    if form == "file":
        return pyarrow.parquet.ParquetFile(path)
    return pyarrow.dataset.dataset(path) if form == "dataset" else path
