"""What EmbeddingSMOTE adds to a training step: forward, backward and optimizer of two plain networks."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

import torch
from common import measure
from torch import Tensor, nn
from torch.nn import functional as F

from torchsmote.nn import EmbeddingSMOTE

BATCH, CLASSES = 256, 10


class Block(nn.Module):
    """Two 3 x 3 convolutions and a way past them."""

    def __init__(self, inside: int, out: int, stride: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(inside, out, 3, stride, 1, bias=False)
        self.second = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.norms = nn.ModuleList(nn.BatchNorm2d(out) for _ in range(3))
        self.past = nn.Conv2d(inside, out, 1, stride, bias=False) if stride > 1 else None

    def forward(self, x: Tensor) -> Tensor:
        h = self.norms[1](self.second(self.norms[0](self.first(x)).relu()))
        return (h + (x if self.past is None else self.norms[2](self.past(x)))).relu()


def cnn() -> nn.Sequential:
    """The layers of ResNet-18 (He et al. 2016): 11.2 M parameters, 512 features."""
    widths = [(64, 64, 1), (64, 128, 2), (128, 256, 2), (256, 512, 2)]
    blocks = [Block(*width) for w in widths for width in (w, (w[1], w[1], 1))]
    stem = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    return nn.Sequential(*stem, *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten())


def mlp() -> nn.Sequential:
    """Three layers of 512 on a table of 64 columns."""
    layers = [nn.Linear(64, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU()]
    return nn.Sequential(*layers)


NETWORKS: dict[str, tuple[Callable[[], nn.Sequential], tuple[int, ...]]] = {
    "CNN of ResNet-18's size, 3 x 64 x 64": (cnn, (3, 64, 64)),
    "MLP of 3 x 512, 64 columns": (mlp, (64,)),
}


class Step:
    """A training step of a network, with the layer before its head or without."""

    def __init__(self, name: str, layer: EmbeddingSMOTE | None, device: str) -> None:
        network, shape = NETWORKS[name]
        generator = torch.Generator().manual_seed(0)
        self.x = torch.randn(BATCH, *shape, generator=generator).to(device)
        # A long tail: class c has 0.6 ** c of the rows of class 0.
        tail = 0.6 ** torch.arange(CLASSES, dtype=torch.float64)
        self.y = torch.multinomial(tail, BATCH, replacement=True, generator=generator).to(device)
        with torch.random.fork_rng():
            torch.manual_seed(0)
            self.encoder, self.head = network().to(device), nn.Linear(512, CLASSES).to(device)
        self.layer = None if layer is None else layer.to(device)
        self.optimizer = torch.optim.SGD([*self.encoder.parameters(), *self.head.parameters()], lr=1e-3)

    def __call__(self) -> None:
        self.optimizer.zero_grad()
        h, y = self.encoder(self.x), self.y
        if self.layer is not None:
            h, y = self.layer(h, y)
        F.cross_entropy(self.head(h), y).backward()
        self.optimizer.step()


class Alone:
    """The layer's own forward and backward pass, on embeddings of that batch."""

    def __init__(self, step: Step) -> None:
        assert step.layer is not None
        self.layer, self.y = step.layer, step.y
        with torch.no_grad():
            self.h = step.encoder(step.x)
        self.h.requires_grad_()
        self.upstream = torch.ones(2 * BATCH, self.h.shape[1], device=self.h.device)

    def __call__(self) -> None:
        torch.autograd.grad(self.layer(self.h, self.y)[0], self.h, self.upstream)


def layers() -> dict[str, EmbeddingSMOTE]:
    return {
        "SMOTE": EmbeddingSMOTE(CLASSES),
        "SMOTE, bank of 1,000": EmbeddingSMOTE(CLASSES, bank_size=1000),
    }


def shares(repeats: int, device: str) -> list[dict[str, Any]]:
    """For each network and layer: milliseconds of a step without it, with it, and of the layer alone."""
    rows = []
    for network in NETWORKS:
        timed: dict[str, Callable[[], None]] = {"without": Step(network, None, device)}
        for name, layer in layers().items():
            step = Step(network, layer, device)
            timed[f"with {name}"], timed[f"{name} alone"] = step, Alone(step)
        kinds = {"eager": timed}
        if device == "cuda":
            kinds["CUDA graph"] = {name: captured(step) for name, step in timed.items()}
        for kind, steps in kinds.items():
            rows += [{"network": network, "mode": kind, **row} for row in _rows(steps, repeats, device)]
    return rows


def _rows(steps: dict[str, Callable[[], None]], repeats: int, device: str) -> Iterator[dict[str, Any]]:
    if device == "cuda":
        steps = {name: _waiting(step) for name, step in steps.items()}
    ms = {name: statistics.median(each) * 1e3 for name, each in measure(steps, repeats).items()}
    for name in layers():
        alone, whole, without = ms[f"{name} alone"], ms[f"with {name}"], ms["without"]
        share = {"share_percent": 100 * alone / without, "step_percent": 100 * (whole / without - 1)}
        yield {"layer": name, "without_ms": without, "with_ms": whole, "alone_ms": alone, **share}


def _waiting(step: Callable[[], None]) -> Callable[[], None]:
    def run() -> None:
        step()
        torch.cuda.synchronize()

    return run


def captured(step: Step | Alone) -> Callable[[], None]:
    """A step as a CUDA graph."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):
            step()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph), nullcontext() if step.layer is None else step.layer.in_place():
        step()
    return graph.replay
