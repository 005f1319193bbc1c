"""Searches and fits over the rows of several gloo processes, beside one process on the same cores.

    python benchmarks/bench_sharded.py [--repeats 3] [--scale 1.0] [--device cpu]

Each of 1, 2 and 4 processes has one thread, so that 2 processes use what one process with 2 threads has (the
second column); on a machine of 2 cores, 4 processes show what the ring costs, not what it gains. All have an
equal share of rows. Processes start together; a run takes as long as its slowest rank, medians of the
repeats. Every union over ranks is compared with the answer of one process, bit for bit. "all at once" gathers
the references before the search, "ring" passes them on while they are searched; `knn` chooses by their size.

Then what a plan for more ranks needs: pairs of rows compared in a second by one thread, with all that a
search does; and what a rank receives in a second by gloo over the loopback device. ``--device cuda`` measures
only these two, of one GPU, and over nccl between as many as there are; it prints them and writes nothing.

At full scale on the CPU it writes the JSON, and the tables of docs/distributed.md and docs/plan_1e9.md.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from bench_knn import Shape
from common import machine_info, write_result
from torch import Tensor, distributed, multiprocessing

from torchsmote import SMOTE, BorderlineSMOTE
from torchsmote.distributed import fit_resample
from torchsmote.neighbors import distributed as sharded
from torchsmote.neighbors import knn
from torchsmote.process_group import Ranks

DOCS = Path(__file__).parents[1] / "docs"
WORLDS = (1, 2, 4)
WAYS = {"all at once": 1 << 40, "ring": 0}


SHAPES = (Shape(30_000, None, 64, 6), Shape(3_000, 200_000, 128, 11))
RATES = (Shape(10_000, None, 64, 6), Shape(2_000, 50_000, 64, 11), Shape(2_000, 50_000, 128, 11))


def scaled(shape: Shape, scale: float) -> Shape:
    """With so many times the rows."""
    return replace(shape, q=int(shape.q * scale), n=shape.n and int(shape.n * scale))


def pairs(shape: Shape) -> int:
    """Of a query and a row."""
    return shape.q * (shape.n or shape.q)


def share(rows: Tensor | None, rank: int, world: int) -> Tensor | None:
    """A copy of a rank's rows."""
    if rows is None:
        return None
    return rows[len(rows) * rank // world : len(rows) * (rank + 1) // world].clone()


def timed(call: Callable[[], Any], repeats: int) -> tuple[list[float], Any]:
    """Seconds of each call, all ranks starting together, after one that is not counted; and its result."""
    seconds = []
    wait = torch.cuda.synchronize if distributed.get_backend() == "nccl" else bool
    for repeat in range(repeats + 1):
        distributed.barrier()
        wait()
        start = time.perf_counter()
        result = call()
        wait()
        if repeat:
            seconds.append(time.perf_counter() - start)
    return seconds, result


def search_work(rank: int, world: int, shape: Shape, repeats: int) -> dict[str, Any]:
    """A search by each way; one process needs none."""
    query, reference = (share(rows, rank, world) for rows in shape.tables())
    options: dict[str, Any] = {"exclude_self": reference is None}
    if world == 1:
        seconds, found = timed(partial(knn, query, reference, shape.k, **options), repeats)
        return {"one": (seconds, tuple(found))}
    answers = {}
    for way, sharded.SMALL in WAYS.items():
        options["group"] = distributed.group.WORLD
        seconds, found = timed(partial(knn, query, reference, shape.k, **options), repeats)
        answers[way] = (seconds, tuple(found))
    return answers


def imbalanced(n: int, d: int) -> tuple[Tensor, Tensor]:
    """A table with 1 % of rows in the rare class, which lies within the other."""
    generator = torch.Generator().manual_seed(0)
    y = (torch.rand(n, generator=generator) < 0.01).long()
    return torch.randn(n, d, generator=generator) + 0.5 * y[:, None], y


def fit_work(rank: int, world: int, n: int, d: int, repeats: int) -> dict[str, Any]:
    """fit_resample of this rank's rows."""
    X, y = (share(values, rank, world) for values in imbalanced(n, d))
    answers = {}
    for resampler in (SMOTE(random_state=0), BorderlineSMOTE(random_state=0)):

        def fit(resampler: Any = resampler) -> Any:
            return resampler.fit_resample(X, y) if world == 1 else fit_resample(resampler, X, y)

        seconds, (rows, _) = timed(fit, repeats)
        answers[type(resampler).__name__] = (seconds, rows[: len(X)], rows[len(X) :])
    return answers


def traffic_work(rank: int, world: int, n_bytes: int, repeats: int, device: str) -> list[float]:
    """Seconds of gathering as many bytes of each rank."""
    ranks = Ranks.of(None)
    rows = torch.zeros(n_bytes // 512, 128, device=device)
    return timed(lambda: ranks.gather(rows, [len(rows)] * world), repeats)[0]


def rate_work(rank: int, world: int, repeats: int, device: str) -> dict[str, float]:
    """Pairs in a second, of one thread or GPU."""
    rates = {}
    for shape in RATES:
        # A GPU compares in a blink what keeps a core busy for a second.
        own = shape if device == "cpu" else scaled(shape, 10)
        query, reference = (None if rows is None else rows.to(device) for rows in own.tables())
        seconds, _ = timed(partial(knn, query, reference, shape.k), repeats)
        rates[str(own)] = pairs(own) / statistics.median(seconds)
    return rates


def run_ranks(
    work: Callable[..., Any], world: int, *args: Any, threads: int = 1, backend: str = "gloo"
) -> list[Any]:
    """What ``work(rank, world, *args)`` returns in each of so many processes."""
    with tempfile.TemporaryDirectory() as folder:
        multiprocessing.start_processes(
            _one_rank, (work, world, args, threads, folder, backend), nprocs=world, start_method="forkserver"
        )
        return [torch.load(Path(folder) / f"{rank}.pt", weights_only=False) for rank in range(world)]


def _one_rank(
    rank: int,
    work: Callable[..., Any],
    world: int,
    args: tuple[Any, ...],
    threads: int,
    folder: str,
    backend: str,
) -> None:
    torch.set_num_threads(threads)
    if backend == "nccl":
        torch.cuda.set_device(rank)
    meet = f"file://{folder}/meet"
    distributed.init_process_group(backend, init_method=meet, rank=rank, world_size=world)
    torch.save(work(rank, world, *args), f"{folder}/{rank}.pt")
    distributed.destroy_process_group()


def slowest(ranks: list[list[float]]) -> float:
    """Median over repeats of the seconds of the slowest rank."""
    return statistics.median(max(seconds) for seconds in zip(*ranks, strict=True))


def compare_searches(shape: Shape, repeats: int, threads: int) -> dict[str, Any]:
    """Seconds of one process and of several, and whether all answers are the same."""
    medians, equal = {}, True
    wanted: Any = None
    for name, world, used in [
        ("1 process, 1 thread", 1, 1),
        (f"1 process, {threads} threads", 1, threads),
        *((f"{world} processes", world, 1) for world in WORLDS[1:]),
    ]:
        found = run_ranks(search_work, world, shape, repeats, threads=used)
        for way in found[0]:
            key = name if world == 1 else f"{name}, {way}"
            medians[key] = slowest([each[way][0] for each in found])
            union = [torch.cat(parts) for parts in zip(*(each[way][1] for each in found), strict=True)]
            wanted = wanted or union
            equal &= all(torch.equal(one, other) for one, other in zip(union, wanted, strict=True))
    return {"shape": str(shape), "pairs": pairs(shape), "seconds": medians, "equal_bits": equal}


def compare_fits(n: int, d: int, repeats: int) -> dict[str, Any]:
    """The same of fit_resample, one thread a process."""
    seconds: dict[str, dict[str, float]] = {}
    wanted: dict[str, Tensor] = {}
    equal = True
    for world in WORLDS:
        found = run_ranks(fit_work, world, n, d, repeats)
        for name in found[0]:
            medians = seconds.setdefault(name, {})
            medians[f"{world} process{'es' if world > 1 else ''}"] = slowest(
                [each[name][0] for each in found]
            )
            union = torch.cat([each[name][part] for part in (1, 2) for each in found])
            equal &= torch.equal(wanted.setdefault(name, union), union)
    return {"table": f"{n:,} x {d}, 1 % rare", "seconds": seconds, "equal_bits": equal}


def rates_and_traffic(repeats: int, size: int, device: str) -> tuple[dict[str, float], dict[str, float]]:
    """Pairs a second by shape, and bytes a second by number of processes; printed."""
    unit, backend = ("thread", "gloo") if device == "cpu" else ("GPU", "nccl")
    rates = run_ranks(rate_work, 1, repeats, device, backend=backend)[0]
    for name, rate in rates.items():
        print(f"{name}: {rate / 1e9:.2f} Gpairs/s by one {unit}", flush=True)
    worlds = WORLDS[1:] if device == "cpu" else [w for w in (2, 4, 8) if w <= torch.cuda.device_count()]
    traffic = {}
    for world in worlds:
        seconds = slowest(run_ranks(traffic_work, world, size, repeats, device, backend=backend))
        traffic[str(world)] = size * (world - 1) / seconds
        print(f"{world} processes: each receives {traffic[str(world)] / 1e9:.2f} GB/s", flush=True)
    return rates, traffic


def in_words(seconds: float) -> str:
    """A time in the unit that suits it."""
    for unit, size in (("days", 86400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= 1.5 * size:
            return f"{seconds / size:.2g} {unit}"
    return f"{seconds:.2g} s"


def plan_table(rate: float, traffic: float) -> str:
    """Times of the plan in docs/plan_1e9.md, by measured rates of one core and the loopback device."""
    n, d, size, rare, ranks = 1e9, 128, 4, 1e7, 64
    lines = [
        f"One core compares {rate / 1e9:.2f} Gpairs/s at d = 128, and gloo brings {traffic / 1e9:.2f} GB/s "
        "to each rank over the loopback device. So on 64 ranks of one such core, and such a network:",
        "",
        "| | SMOTE | Borderline-SMOTE, ADASYN |",
        "|---|---|---|",
    ]
    pairs = [rare * rare / ranks, rare * n / ranks + rare * rare / ranks]
    received = [rows * d * size * (ranks - 1) / ranks for rows in (rare, n + rare)]
    parents = rare * d * size
    for name, values in (
        ("search", [count / rate for count in pairs]),
        ("references on their way, meanwhile", [count / traffic for count in received]),
        ("labels, neighbours and parents", [(n + 8 * 5 * rare + parents) / traffic] * 2),
    ):
        lines.append(f"| {name} | {in_words(values[0])} | {in_words(values[1])} |")
    return "\n".join(lines)


def measured_table(searches: list[dict[str, Any]], fits: dict[str, Any]) -> str:
    """The table of docs/distributed.md."""
    machine = machine_info()
    names = list(searches[0]["seconds"])
    equal = all(found["equal_bits"] for found in [*searches, fits])
    lines = [
        f"On {machine['cores']} cores of {machine['cpu']}, by gloo, one thread a process unless it says",
        f"more; medians in ms. Equal bits in all of them: {'yes' if equal else 'NO'}.",
        "",
        "| q x n x d, k | " + " | ".join(names) + " |",
        "|---" * (len(names) + 1) + "|",
    ]
    lines += [
        f"| {found['shape']} | " + " | ".join(f"{1e3 * s:.0f}" for s in found["seconds"].values()) + " |"
        for found in searches
    ]
    lines += ["", f"`fit_resample`, {fits['table']}:", ""]
    for name, seconds in fits["seconds"].items():
        lines.append(f"- {name}: " + ", ".join(f"{way} {1e3 * s:.0f}" for way, s in seconds.items()))
    return "\n".join(lines)


def fill(page: str, text: str) -> None:
    """Write a text between the marks of a page."""
    path, mark = DOCS / page, "<!-- written by benchmarks/bench_sharded.py -->\n"
    whole = path.read_text(encoding="utf-8")
    path.write_text(
        re.sub(f"(?s){mark}.*(?=<!-- end -->)", lambda _: f"{mark}{text}\n", whole), encoding="utf-8"
    )


def main() -> None:
    """Run, print, write the JSON and the pages."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument(
        "--scale", type=float, default=1.0, help="times the rows; nothing is written but at 1"
    )
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    arguments = parser.parse_args()
    scale, repeats, cores = arguments.scale, arguments.repeats, os.cpu_count() or 1
    multiprocessing.get_context("forkserver").set_forkserver_preload(["torch", "torchsmote"])
    if arguments.device == "cuda":
        rates_and_traffic(repeats, 1 << 30, "cuda")
        return
    searches = []
    for shape in SHAPES:
        searches.append(found := compare_searches(scaled(shape, scale), repeats, cores))
        print(f"{found['shape']}: equal bits {found['equal_bits']}")
        for name, seconds in found["seconds"].items():
            print(f"    {name:28}{1e3 * seconds:8.0f} ms", flush=True)
    fits = compare_fits(int(200_000 * scale), 64, repeats)
    print(f"fit_resample, {fits['table']}: equal bits {fits['equal_bits']}")
    for method, medians in fits["seconds"].items():
        print(f"    {method}: " + ", ".join(f"{name} {1e3 * s:.0f} ms" for name, s in medians.items()))
    rates, traffic = rates_and_traffic(repeats, int(scale * (64 << 20)), "cpu")
    table = plan_table(rates[str(RATES[-1])], traffic["4"])
    print(table)
    if scale == 1.0:
        payload = {"searches": searches, "fits": fits, "pairs_per_second": rates, "bytes_per_second": traffic}
        write_result("sharded", {"machine": machine_info(), "cores": cores, **payload})
        fill("distributed.md", measured_table(searches, fits))
        fill("plan_1e9.md", table)


if __name__ == "__main__":
    main()
