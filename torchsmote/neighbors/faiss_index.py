"""Two approximate indices of faiss, on the CPU, built so that the same rows give the same index.

- "faiss-ivf", inverted lists: k-means cuts the rows into some 4 sqrt(n) lists, and a query is compared with
  the rows of the few lists whose centres are nearest (Jegou, Douze and Schmid, "Product quantization for
  nearest neighbor search", 2011, without the quantizer). It holds 4 d + 8 bytes a row.
- "faiss-hnsw", a graph of rows through which a query walks to its neighbours (Malkov and Yashunin, "Efficient
  and robust approximate nearest neighbor search using hierarchical navigable small world graphs", 2018). It
  holds 4 d + 270 bytes a row.

Both grow by doubling, so they take up to twice that much memory.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event
from typing import Any

import faiss
import torch

from torchsmote.neighbors.rows import Problem, slices

__all__ = ["KINDS", "Kind", "restored", "stored"]

_faiss: Any = faiss  # whose type stubs lack half of what is used here

_LISTS = 4  # times the square root of the rows: about as long to find the lists as to look through them
_POINTS = 39  # rows a list that k-means sees, faiss' own lower bound
_ROUNDS = 8  # of k-means; more do not find more neighbours
_SEED = 1
_LINKS = 32  # of each row of the graph, twice that on its ground floor
_EFFORT = 64  # rows looked at to place one
_BLOCK = 1 << 12  # rows added at a time


@dataclass(frozen=True)
class Kind:
    """A kind of index.

    Attributes:
        build: From the rows searched, the index of all of them.
        widths: From an index, how widely one may search it, narrowest first.
        parameters: From a width and a count of neighbours, the parameters of a search.
    """

    build: Callable[[Problem], Any]
    widths: Callable[[Any], list[int]]
    parameters: Callable[[int, int], Any]


def _build_lists(problem: Problem) -> Any:
    n, d = len(problem.seen), len(problem.center)
    lists = max(1, min(math.isqrt(_LISTS * _LISTS * n), n // _POINTS))
    index = _faiss.IndexIVFFlat(_faiss.IndexFlatL2(d), d, lists)
    index.cp.seed, index.cp.niter = _SEED, _ROUNDS
    trained = min(n, _POINTS * lists)
    spread = torch.arange(trained, device=problem.center.device) * n // trained
    index.train(problem.centered(problem.seen, spread).numpy())
    for part in slices(n, _BLOCK * 16):
        index.add(problem.centered(problem.seen, part).numpy())
    return index


def _build_graph(problem: Problem) -> Any:
    """The graph depends on the order in which rows are added, so one thread adds them all."""
    index = _faiss.IndexHNSWFlat(len(problem.center), _LINKS)
    index.hnsw.efConstruction = _EFFORT
    stop = Event()

    def add() -> None:
        _faiss.omp_set_num_threads(1)  # of this thread alone, which ends with the building
        for part in slices(len(problem.seen), _BLOCK):
            if stop.is_set():
                return
            index.add(problem.centered(problem.seen, part).numpy())

    with ThreadPoolExecutor(1) as own:
        try:
            own.submit(add).result()
        except BaseException:  # a KeyboardInterrupt waits for one block, not for all rows
            stop.set()
            raise
    return index


def _doubled(first: int, last: int) -> list[int]:
    """``first``, twice, four times that, and so on, up to ``last``.

    >>> _doubled(8, 40)
    [8, 16, 32]
    """
    return [first << step for step in range(max(1, (last // first).bit_length()))]


KINDS: dict[str, Kind] = {
    "faiss-ivf": Kind(
        _build_lists,
        # Beyond a fourth of the lists, comparing with all rows is as fast.
        lambda index: _doubled(min(8, index.nlist), index.nlist // 4),
        lambda width, count: _faiss.SearchParametersIVF(nprobe=width),
    ),
    "faiss-hnsw": Kind(
        _build_graph,
        lambda index: _doubled(64, 1024),
        lambda width, count: _faiss.SearchParametersHNSW(efSearch=max(width, count)),
    ),
}


def stored(index: Any) -> Any:
    """The index as a uint8 array."""
    return _faiss.serialize_index(index)


def restored(array: Any) -> Any:
    """The index that `stored` made an array of."""
    return _faiss.deserialize_index(array)
