"""EmbeddingSMOTE on a batch of 512 x 128, ratio 1, forward and backward, beside a Linear(128, 128).

Run with ``python benchmarks/bench_embedding.py``. Both sides get the same batch, threads and upstream
gradient per row; the calls are interleaved, and the medians count. Compiled means torch.compile with its
default backend, the layer and the Linear each on their own.

Then its share of a whole training step of a CNN and of an MLP, with a CUDA device there too, eager and as a
CUDA graph; see training_step.py.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable

import torch
from common import machine_info, measure, write_result
from torch import Tensor, nn
from training_step import shares

from torchsmote import ADASYN, SMOTE, BorderlineSMOTE, GeometricSMOTE, RandomOverSampler
from torchsmote.nn import EmbeddingSMOTE

BATCH, DIM, RARE = 512, 128, 0.1
CALLS = 10  # calls timed together: one is too short for the clock of a shared machine


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=40)
    parser.add_argument("--steps", type=int, default=7, help="repeats of the training steps")
    arguments = parser.parse_args()
    repeats = arguments.repeats
    generator = torch.Generator().manual_seed(0)
    h = torch.randn(BATCH, DIM, generator=generator).requires_grad_()
    y = (torch.rand(BATCH, generator=generator) < RARE).long()
    timed = {"linear": calls(nn.Linear(DIM, DIM), h)}
    timed["linear, compiled"] = calls(torch.compile(nn.Linear(DIM, DIM)), h)
    for name, layer in layers().items():
        timed[name] = calls(layer, h, y)
    timed["SMOTE, compiled"] = calls(torch.compile(EmbeddingSMOTE(2, SMOTE()), fullgraph=True), h, y)
    seconds = measure(timed, repeats)
    rows = [row(name, values, seconds) for name, values in seconds.items()]
    for each in rows:
        print(f"{each['name']:24} {each['median_us']:8.0f} us {each['min_us']:8.0f} min", end="")
        print(f" {each['of_linear']:6.2f} x linear")
    devices = ["cpu", "cuda"] if torch.cuda.is_available() else ["cpu"]
    steps = {device: shares(arguments.steps, device) for device in devices}
    for device, each in steps.items():
        for step in each:
            print(f"{device} {step['network']}, {step['mode']}, {step['layer']}: ", end="")
            print(f"{step['alone_ms']:.2f} ms of {step['without_ms']:.1f} ms: {step['share_percent']:.2f} %")
    setting = {
        "batch": BATCH,
        "dim": DIM,
        "ratio": 1.0,
        "rare_share": RARE,
        "repeats": repeats,
        "calls": CALLS,
        "steps": arguments.steps,
    }
    write_result(
        "embedding", {"machine": machine_info(), "setting": setting, "rows": rows, "training_steps": steps}
    )


def layers() -> dict[str, nn.Module]:
    return {
        "SMOTE": EmbeddingSMOTE(2, SMOTE()),
        "SMOTE, bank of 256": EmbeddingSMOTE(2, SMOTE(), bank_size=256),
        "BorderlineSMOTE": EmbeddingSMOTE(2, BorderlineSMOTE()),
        "ADASYN": EmbeddingSMOTE(2, ADASYN()),
        "GeometricSMOTE": EmbeddingSMOTE(2, GeometricSMOTE()),
        "RandomOverSampler": EmbeddingSMOTE(2, RandomOverSampler()),
    }


def calls(layer: Callable[..., Tensor | tuple[Tensor, Tensor]], *batch: Tensor) -> Callable[[], None]:
    """Forward and backward, CALLS times; built and compiled before the clock starts."""
    out = layer(*batch)
    upstream = torch.ones_like(out if isinstance(out, Tensor) else out[0])

    def run() -> None:
        for _ in range(CALLS):
            made = layer(*batch)
            (made if isinstance(made, Tensor) else made[0]).backward(upstream)

    run()
    return run


def row(name: str, values: list[float], seconds: dict[str, list[float]]) -> dict[str, str | float]:
    compiled = name.endswith("compiled")
    linear = seconds["linear, compiled" if compiled else "linear"]
    return {
        "name": name,
        "median_us": statistics.median(values) / CALLS * 1e6,
        "min_us": min(values) / CALLS * 1e6,
        "of_linear": statistics.median(values) / statistics.median(linear),
    }


if __name__ == "__main__":
    main()
