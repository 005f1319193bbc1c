"""Approximate neighbours beside exact ones: recall, seconds, memory.

    python benchmarks/bench_approximate.py [--rows 1000000] [--queries 10000]

For each table, `KNeighbors` is fitted with each backend, and asked for the 6 nearest rows of queries that are
not among them. Two tables, float32, 64 columns: "latent", 50 groups of unequal size in 16 dimensions, bent by
a random network of two layers as the embeddings of a trained one are, with a little noise; and a fifth as
many rows of independent normal numbers, which have no structure that an index could use.

Recall is counted on all queries, beside the one that the estimator reports. "self" is what a class search of
all rows in themselves would take, estimated from the seconds of the fit and those of a query: for the exact
one too high, as it uses each product twice there. Each backend runs once, in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
import warnings
from typing import Any

import torch
from common import in_new_process, machine_info, resident, write_result
from torch import Tensor

from torchsmote import KNeighbors
from torchsmote.exceptions import PerformanceWarning

BACKENDS = ("auto", "faiss-ivf", "faiss-hnsw")
K, D = 6, 64


def table(name: str, n: int) -> Tensor:
    """A table of n rows."""
    generator = torch.Generator().manual_seed(0)
    if name == "normal":
        return torch.randn(n, D, generator=generator)
    groups, latent, hidden = 50, 16, 128
    share = torch.arange(1, groups + 1).double().reciprocal()
    group = torch.multinomial(share, n, replacement=True, generator=generator)
    centers = 1.5 * torch.randn(groups, latent, generator=generator)
    spread = 0.3 + torch.rand(groups, 1, generator=generator)
    first = torch.randn(latent, hidden, generator=generator) / latent**0.5
    second = torch.randn(hidden, D, generator=generator) / hidden**0.5
    rows = torch.empty(n, D)
    for start in range(0, n, 1 << 16):
        own = group[start : start + (1 << 16)]
        z = centers[own] + spread[own] * torch.randn(len(own), latent, generator=generator)
        noise = 0.02 * torch.randn(len(own), D, generator=generator)
        rows[start : start + len(own)] = torch.tanh(z @ first) @ second + noise
    return rows


def run(name: str, n: int, queries: int, backend: str) -> tuple[dict[str, Any], Tensor]:
    """Seconds, memory and the reported recall of one backend, and the distances that it found."""
    rows = table(name, n + queries)
    query, rows = rows[n:].clone(), rows[:n].clone()
    before, start = resident("VmRSS"), time.perf_counter()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", PerformanceWarning)
        fitted = KNeighbors(K, backend=backend).fit(rows)
    fit = time.perf_counter() - start
    kept = resident("VmRSS") - before
    start = time.perf_counter()
    distances = fitted.kneighbors(query)[0]
    seconds = time.perf_counter() - start
    return {
        "table": name,
        "rows": n,
        "queries": queries,
        "backend": backend,
        "fit_seconds": fit,
        "query_seconds": seconds,
        "self_seconds_estimated": fit + seconds * n / queries,
        "kept_bytes_per_row": kept / n,
        "recall_reported": fitted.recall_,
        "warned": bool(caught),
    }, distances


def run_apart(arguments: argparse.Namespace) -> None:
    """What a process of one backend does: write its distances, print its figures."""
    result, distances = run(arguments.table, arguments.rows, arguments.queries, arguments.backend)
    torch.save(distances, arguments.distances)
    print(json.dumps(result))


def compare(name: str, n: int, queries: int, folder: str) -> list[dict[str, Any]]:
    """All backends on one table, each beside the exact one, which comes first."""
    results: list[dict[str, Any]] = []
    limit = torch.empty(0)
    for backend in BACKENDS:
        path = f"{folder}/{backend}.pt"
        given = {"table": name, "rows": n, "queries": queries, "backend": backend, "distances": path}
        options = [text for key, value in given.items() for text in (f"--{key}", str(value))]
        result = json.loads(in_new_process(__file__, *options))
        distances = torch.load(path)
        limit = distances[:, -1:] if backend == "auto" else limit
        result["recall"] = (distances <= limit).double().mean().item()
        results.append(result)
        print(
            f"{name:8}{n:>10,}{backend:>12}{result['fit_seconds']:>9.1f}{result['query_seconds']:>9.2f}"
            f"{result['self_seconds_estimated']:>10.0f}{result['kept_bytes_per_row']:>9.0f}"
            f"{result['recall']:>9.4f}{result['recall_reported']:>9.4f}",
            flush=True,
        )
    return results


def main() -> None:
    """Run, print the table, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=10_000)
    parser.add_argument("--table", help=argparse.SUPPRESS)
    parser.add_argument("--backend", help=argparse.SUPPRESS)
    parser.add_argument("--distances", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.backend:
        run_apart(arguments)
        return
    columns = ("fit s", "query s", "self s", "B/row", "recall", "reported")
    print(f"{'table':8}{'rows':>10}{'backend':>12}{columns[0]:>9}{columns[1]:>9}{columns[2]:>10}", end="")
    print("".join(f"{column:>9}" for column in columns[3:]))
    with tempfile.TemporaryDirectory() as folder:
        results = compare("latent", arguments.rows, arguments.queries, folder)
        results += compare("normal", arguments.rows // 5, arguments.queries, folder)
    if arguments.rows == parser.get_default("rows"):
        write_result("approximate", {"machine": machine_info(), "results": results})


if __name__ == "__main__":
    main()
