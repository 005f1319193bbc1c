"""Balanced accuracy of the mixing modules and losses on long-tailed digits.

Run with ``python benchmarks/score_mixing.py``. A network of one hidden layer on load_digits_imbalanced(50),
60 test rows of each digit held out, the same batches and first weights for every method; no setting is
tuned. Prints the figures of docs/mixing.md.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable
from typing import NamedTuple

import torch
from sklearn.metrics import balanced_accuracy_score
from torch import Tensor, nn
from torch.nn.functional import linear, normalize

from torchsmote import (
    BalancedMixUp,
    FocalLoss,
    LDAMLoss,
    LogitAdjustedLoss,
    MAMix,
    MixUp,
    Remix,
    SMOTEMixUp,
    class_balanced_weights,
    load_digits_imbalanced,
)

EPOCHS, LATE, BATCH = 80, 64, 64
Loss = Callable[[Tensor, Tensor], Tensor]


class Method(NamedTuple):
    loss: Loss
    mix: nn.Module | None = None
    late: Loss | None = None  # from epoch LATE on
    cosine: bool = False


class CosineHead(nn.Linear):
    def forward(self, h: Tensor) -> Tensor:
        return linear(normalize(h), normalize(self.weight))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    scores: dict[str, list[float]] = {}
    for seed in range(parser.parse_args().seeds):
        data = load_digits_imbalanced(50, seed=seed, test=60)
        counts = torch.from_numpy(data.target).bincount(minlength=10)
        for name, method in methods(counts).items():
            scores.setdefault(name, []).append(score(method, data, seed))
    print("| method | balanced accuracy | lowest and highest |\n|---|---|---|")
    for name, values in scores.items():
        print(f"| {name} | {statistics.mean(values):.3f} | {min(values):.3f} to {max(values):.3f} |")


def methods(counts: Tensor) -> dict[str, Method]:
    plain = nn.CrossEntropyLoss()
    weighted = nn.CrossEntropyLoss(weight=class_balanced_weights(counts, beta=0.99))
    tailed = {"num_classes": 10, "class_counts": counts}
    mixes = {
        "MixUp": lambda: MixUp(num_classes=10),
        "Remix": lambda: Remix(**tailed),
        "MAMix": lambda: MAMix(**tailed),
        "BalancedMixUp": lambda: BalancedMixUp(num_classes=10),
        "SMOTEMixUp": lambda: SMOTEMixUp(num_classes=10),
    }
    return {
        "cross-entropy": Method(plain),
        "class weights, last fifth": Method(plain, late=weighted),
        "LogitAdjustedLoss": Method(LogitAdjustedLoss(counts)),
        "LDAMLoss, cosine head": Method(LDAMLoss(counts), cosine=True),
        "the same without margins": Method(LDAMLoss(counts, max_margin=0), cosine=True),
        "FocalLoss": Method(FocalLoss()),
        **{name: Method(plain, mix()) for name, mix in mixes.items()},
        **{f"{name}, weights last fifth": Method(plain, mix(), weighted) for name, mix in mixes.items()},
        "MixUp, LogitAdjustedLoss": Method(LogitAdjustedLoss(counts), MixUp(num_classes=10)),
    }


def score(method: Method, data: object, seed: int) -> float:
    X, y, test = (torch.from_numpy(data[key]) for key in ("data", "target", "test_data"))
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        head = CosineHead(64, 10, bias=False) if method.cosine else nn.Linear(64, 10)
        model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), head)
    optimizer = torch.optim.Adam(model.parameters(), 2e-3)
    order = torch.Generator().manual_seed(seed)
    for epoch in range(EPOCHS):
        loss = method.late if method.late is not None and epoch >= LATE else method.loss
        for rows in torch.randperm(len(X), generator=order).split(BATCH):
            batch = (X[rows] / 16, y[rows])
            h, target = batch if method.mix is None else method.mix(batch)
            optimizer.zero_grad()
            loss(model(h), target).backward()
            optimizer.step()
    return float(balanced_accuracy_score(data.test_target, model(test / 16).argmax(1)))


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
