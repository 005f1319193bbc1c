"""knn beside faiss.knn, scikit-learn's brute force and the bare matrix product, in one process.

    python benchmarks/bench_knn.py [--repeats 5] [--shapes ABCDE]

The bare product computes the same tiles (2,048 reference rows by 512 queries) into one buffer and selects
nothing: no method that multiplies all pairs can be faster. All four run in turn in each repeat, with the same
threads. The results of knn and faiss are compared: rows that differ are near-ties that faiss, in float32,
puts in another order.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import faiss
import torch
from common import machine_info, measure, write_result
from sklearn.neighbors import NearestNeighbors
from torch import Tensor

from torchsmote.neighbors import knn


@dataclass(frozen=True)
class Shape:
    """One search: q queries among n rows of d columns; n None is a search of the queries in themselves."""

    q: int
    n: int | None
    d: int
    k: int

    def __str__(self) -> str:
        return f"{self.q:,} x {self.n or self.q:,} x {self.d}, {self.k}"

    def tables(self) -> tuple[Tensor, Tensor | None]:
        """Queries and rows, standard normal, seed 0."""
        generator = torch.Generator().manual_seed(0)
        query = torch.randn(self.q, self.d, generator=generator)
        return query, None if self.n is None else torch.randn(self.n, self.d, generator=generator)


SHAPES = {
    "A": Shape(20_000, None, 30, 6),
    "B": Shape(50_000, None, 30, 6),
    "C": Shape(1_296, 145_751, 74, 11),
    "D": Shape(5_000, 50_000, 64, 11),
    "E": Shape(10_000, None, 256, 6),
}


def bare_product(query: Tensor, reference: Tensor, rows: int = 2048, columns: int = 512) -> None:
    """All products of queries and reference rows, tile by tile, into the same memory."""
    buffer = torch.empty(rows * columns)
    for left in range(0, len(query), columns):
        right = query[left : left + columns].t().contiguous()
        for top in range(0, len(reference), rows):
            block = reference[top : top + rows]
            out = buffer[: len(block) * right.shape[1]].view(len(block), right.shape[1])
            torch.mm(block, right, out=out)


def methods(shape: Shape, query: Tensor, reference: Tensor) -> dict[str, Callable[[], Any]]:
    """The four to compare."""
    other = None if shape.n is None else reference
    a, b = query.numpy(), reference.numpy()
    return {
        "bare product": lambda: bare_product(query, reference),
        "knn": lambda: knn(query, other, shape.k),
        "faiss.knn": lambda: faiss.knn(a, b, shape.k),
        "scikit-learn brute": lambda: (
            NearestNeighbors(n_neighbors=shape.k, algorithm="brute").fit(b).kneighbors(a)
        ),
    }


def run(shape: Shape, repeats: int) -> dict[str, Any]:
    """Seconds of each method."""
    query, other = shape.tables()
    reference = query if other is None else other
    seconds = measure(methods(shape, query, reference), repeats)
    ours = knn(query, other, shape.k).indices
    theirs = torch.from_numpy(faiss.knn(query.numpy(), reference.numpy(), shape.k)[1])
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    return {
        "shape": str(shape),
        "medians": medians,
        "seconds": seconds,
        "of_bare_product": medians["knn"] / medians["bare product"],
        "rows_unlike_faiss": int((ours != theirs).any(1).sum()),
    }


def main() -> None:
    """Run, print the table, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--shapes", default="ABCDE")
    arguments = parser.parse_args()
    results = []
    for name in arguments.shapes:
        results.append(result := run(SHAPES[name], arguments.repeats))
        if len(results) == 1:
            print(f"{'q x n x d, k (ms)':28}" + "".join(f"{method:>20}" for method in result["medians"]))
        times = "".join(f"{1e3 * value:20.0f}" for value in result["medians"].values())
        print(f"{result['shape']:28}{times}   knn / bare {result['of_bare_product']:.2f}", flush=True)
    if arguments.shapes == "ABCDE":
        write_result("knn", {"machine": machine_info(), "results": results})


if __name__ == "__main__":
    main()
