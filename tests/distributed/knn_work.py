"""What ranks do in tests of the sharded search, and what one process finds."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import torch
from torch import distributed

from torchsmote.neighbors import distributed as sharded
from torchsmote.neighbors import engine, knn

sys.path.append(str(Path(__file__).parents[1] / "neighbors"))
from neighbors_reference import tables

N = 90
CUTS = {1: [0, 90], 2: [0, 23, 90], 4: [0, 3, 40, 50, 90]}
K = 30  # more than two ranks have of four
KINDS = [
    (torch.float32, "euclidean"),
    (torch.float32, "cosine"),
    (torch.float64, "euclidean"),
    (torch.bfloat16, "cosine"),
    (torch.float16, "euclidean"),
]
LABELS = [["a", "bb", "c"][i * i % 7 % 3] for i in range(N)]
GATHERED = sharded.SMALL


def share(values, rank, world):
    """The rows of one rank."""
    first, end = CUTS[world][rank : rank + 2]
    return values[first:end]


def searches():
    """Each search by name: query, reference, and the options of knn; labels are cut as their rows are."""
    for name, table in tables(N, 3).items():
        for dtype, metric in KINDS:
            x = table.to(dtype)
            if x.isfinite().all():
                yield f"{name}, {dtype}, {metric}", x, None, {"exclude_self": True, "metric": metric}
    x = tables(N, 3)["duplicates"]
    x64 = x.double() * torch.logspace(-250, 250, N, dtype=torch.float64)[:, None]
    yield "float64 of all sizes", x64, None, {}
    yield "as numpy", x.numpy(), None, {}
    for relation in ("same", "different"):
        own = {"relation": relation, "query_labels": LABELS}
        yield f"{relation} class, itself", x, None, {**own, "exclude_self": True}
        yield f"{relation} class, reference", x, x.flip(0), {**own, "reference_labels": LABELS}
    yield "reference", x, x.flip(0), {}


def found_by_all():
    """What one process finds: name -> (distances, indices)."""
    return {name: knn(query, reference, K, **options) for name, query, reference, options in searches()}


def found_by(rank, sizes):
    """What this rank finds, once for each size up to which references go to all at once: name -> answers."""
    world = distributed.get_world_size()
    found = {}
    for name, query, reference, options in searches():
        mine = {
            key: share(value, rank, world) if key.endswith("labels") else value
            for key, value in options.items()
        }
        shares = share(query, rank, world), None if reference is None else share(reference, rank, world)
        ways = []
        for sharded.SMALL in sizes:
            ways.append(tuple(knn(*shares, K, group=distributed.group.WORLD, **mine)))
        found[name] = tuple(ways)
    return found


def refused(rank):
    """What each mistake of rank 1 is answered with on this rank: name -> (type, message)."""
    world = distributed.get_world_size()
    odd = rank == 1
    x, labels = (share(values, rank, world) for values in (tables(N, 3)["gaussian"], LABELS))
    hole = x.clone()
    hole[0, 1] = torch.nan if odd else 0.0
    numbers = list(range(len(x)))
    calls = {
        "k": lambda: ask(x, k=6 if odd else 5),
        "dtype": lambda: ask(x.double() if odd else x),
        "columns": lambda: ask(x[:, :2] if odd else x),
        "metric": lambda: ask(x, metric="cosine" if odd else "euclidean"),
        "exclude_self": lambda: ask(x, exclude_self=odd),
        "relation": lambda: ask(x, relation="same" if odd else "different", query_labels=labels),
        "labels": lambda: ask(x, query_labels=labels if odd else None),
        "reference": lambda: ask(x, x if odd else None),
        "no row": lambda: ask(x[:0] if odd else x),
        "no query": lambda: ask(x[:0] if odd else x, x),
        "nan": lambda: ask(hole),
        "no labels": lambda: ask(x, relation="same", query_labels=None if odd else labels),
        "kinds of labels": lambda: ask(x, relation="same", query_labels=numbers if odd else labels),
        "zero row": lambda: ask(x * (not odd), metric="cosine"),
        "backend": lambda: ask_where_unusable(x, odd),
        "type of k": lambda: ask(x, k="5"),
    }
    return {name: answer_to(call) for name, call in calls.items()}


def answer_to(call):
    """Type and message of the error; None where there is none."""
    try:
        call()
    except (TypeError, ValueError) as error:
        return type(error).__name__, str(error)


def ask(query, reference=None, **options):
    return knn(query, reference, group=distributed.group.WORLD, **options)


def ask_where_unusable(query, is_unusable):
    """Ask for a backend that one rank cannot use."""
    usable = engine.BACKENDS["kdtree"]
    if is_unusable:
        engine.BACKENDS["kdtree"] = replace(usable, why_not=lambda device: "no tree grows here")
    try:
        return ask(query, backend="kdtree")
    finally:
        engine.BACKENDS["kdtree"] = usable
