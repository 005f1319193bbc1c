"""Shared by text_reviews.py and time_series.py: one network trained in several ways, compared over seeds.

Every way has the same initial weights, steps, batch size and optimiser, and each seed its own split. A name
that ends in ", tuned" is no further training: the same network, its decisions shifted by the class shares as
far as suits the validation part (Menon et al., "Long-tail learning via logit adjustment", ICLR 2021).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from compare_table import TUNED, Scores, report
from sklearn.metrics import balanced_accuracy_score, f1_score, recall_score
from torch import Tensor, nn

from torchsmote import SMOTE, EmbeddingSMOTE, RandomOverSampler
from torchsmote.extras import import_extra
from torchsmote.progress import show_progress
from torchsmote.threads import torch_threads

TRAININGS = ("plain", "class weights", "random over-sampling", "EmbeddingSMOTE")


@dataclass(frozen=True)
class Training:
    """What both comparisons can be told, key by key.

    Args:
        methods: Rows of the table; the others are compared with the first. Any of plain, class weights,
            random over-sampling and EmbeddingSMOTE, each also with ", tuned" after it.
        seeds: How many, at least 2. Each has its own split, initial weights and batches.
        first_seed: The first of the consecutive seeds.
        steps: Optimiser steps of every training.
        batch_size: Rows of a batch.
        learning_rate: Peak of AdamW's one-cycle schedule.
        weight_decay: Of AdamW.
        k_neighbors: Neighbours of EmbeddingSMOTE.
        start_share: Share of the steps after which EmbeddingSMOTE begins.
        threads: Of torch.
    """

    methods: tuple[str, ...] = (
        "plain",
        "plain, tuned",
        "class weights",
        "random over-sampling",
        "EmbeddingSMOTE",
        "EmbeddingSMOTE, tuned",
    )
    seeds: int = 5
    first_seed: int = 0
    steps: int = 600
    batch_size: int = 256
    learning_rate: float = 0.003
    weight_decay: float = 0.1
    k_neighbors: int = 5
    start_share: float = 0.5
    threads: int = 1

    def __post_init__(self) -> None:
        unknown = [name for name in self.methods if name.removesuffix(TUNED) not in TRAININGS]
        if unknown or len(self.methods) < 2 or len(set(self.methods)) < len(self.methods):
            raise ValueError(
                f"`methods` must be different names, at least 2, each one of {', '.join(TRAININGS)}, with or "
                f"without {TUNED!r} after it, got {list(self.methods)}"
            )
        for name, low in {"seeds": 2, "first_seed": 0, "steps": 1, "batch_size": 1, "threads": 1}.items():
            if getattr(self, name) < low:
                raise ValueError(f"`{name}` must be at least {low}, got {getattr(self, name)}")
        if not 0 <= self.start_share <= 1:
            raise ValueError(f"`start_share` must be in [0, 1], got {self.start_share}")


class Part(NamedTuple):
    """Rows of one part: tensors that the body takes, each (n, ...), and classes int64 (n,)."""

    inputs: tuple[Tensor, ...]
    y: Tensor


class Task(NamedTuple):
    """What is compared: names of the classes, training, validation and test part of a seed, and a network.

    ``network(train)`` makes (body, head) anew: ``body(*inputs)`` returns embeddings (b, d), or embeddings of
    steps (b, t, d) and their mask (b, t); ``head`` takes those and returns logits.
    """

    classes: Sequence[str]
    split: Callable[[int], tuple[Part, Part, Part]]
    network: Callable[[Part], tuple[nn.Module, nn.Module]]


class Network(nn.Module):
    """The body, EmbeddingSMOTE if there is one (in training mode only), and the head."""

    def __init__(self, body: nn.Module, smote: EmbeddingSMOTE | None, head: nn.Module) -> None:
        super().__init__()
        self.body, self.smote, self.head = body, smote, head

    def forward(self, inputs: Sequence[Tensor], y: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        """Logits and the classes that go with them: more of both where synthetic rows are made."""
        found = self.body(*inputs)
        h, *mask = found if isinstance(found, tuple) else (found,)
        if self.smote is not None:
            h, y, *mask = self.smote(h, y, *mask)
        return self.head(h, *mask), y


def read(settings: type, description: str) -> Any:
    """Read a dataclass of settings: an option beats the YAML file, which beats the default."""
    parser = import_extra("jsonargparse").ArgumentParser(description=description, exit_on_error=False)
    parser.add_argument("--config", action="config", help="YAML file with any of the keys below.")
    parser.add_class_arguments(settings)
    parsed = parser.parse_args()
    return settings(**{key: value for key, value in parsed.as_dict().items() if key != "config"})


def compare(task: Task, training: Training, *, progress: bool = True) -> str:
    """Train every way on every seed; the table and its sentences as text."""
    names = list(dict.fromkeys(name.removesuffix(TUNED) for name in training.methods))
    seeds = range(training.first_seed, training.first_seed + training.seeds)
    total = len(names) * len(seeds) * training.steps
    scores: Scores = {name: [] for name in training.methods}
    with torch_threads(training.threads), show_progress("training steps", total, show=progress) as advance:
        for seed in seeds:
            parts = task.split(seed)
            for name in names:
                found = score(train(name, task, parts[0], training, seed, advance), parts)
                for decision in (name, name + TUNED):
                    if decision in scores:
                        scores[decision].append(found[decision != name])
    rare = task.classes[int(parts[0].y.bincount().argmin())]
    return report(scores, ("macro-F1", "balanced accuracy", f"recall of {rare}"))


def train(
    name: str, task: Task, rows: Part, training: Training, seed: int, advance: Callable[[], None]
) -> Network:
    """Train a network in one way."""
    counts = rows.y.bincount(minlength=len(task.classes))
    order, weight, smote = torch.arange(len(rows.y)), None, None
    if name == "class weights":
        weight = len(rows.y) / (len(counts) * counts.float())
    elif name == "random over-sampling":
        sampler = RandomOverSampler(random_state=seed)
        sampler.fit_resample(order.unsqueeze(1), rows.y)
        order = torch.as_tensor(sampler.sample_indices_)
    elif name == "EmbeddingSMOTE":
        smote = EmbeddingSMOTE(
            len(counts),
            SMOTE(k_neighbors=training.k_neighbors),
            ratio=len(counts) * int(counts.max()) / len(rows.y) - 1,  # as many rows of each class
            class_counts=counts,
            start_epoch=1,  # epoch 1 is called when the body has learnt something, see below
            seed=seed,
        )
    torch.manual_seed(seed)  # of the initial weights and of dropout
    body, head = task.network(rows)
    net = Network(body, smote, head).train()
    optimizer = torch.optim.AdamW(
        net.parameters(), training.learning_rate, weight_decay=training.weight_decay
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, training.learning_rate, total_steps=training.steps
    )
    for step, index in enumerate(batches(order, training, seed)):
        if smote is not None and step == round(training.start_share * training.steps):
            smote.set_epoch(1)
        logits, y = net([tensor[index] for tensor in rows.inputs], rows.y[index])
        loss = nn.functional.cross_entropy(logits, y, weight)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        advance()
    return net.eval()


def batches(order: Tensor, training: Training, seed: int) -> Iterator[Tensor]:
    """Row numbers of each step: shuffled epochs, a short last batch left out where there is a full one."""
    generator = torch.Generator().manual_seed(seed)
    step = 0
    while True:
        shuffled = order[torch.randperm(len(order), generator=generator)].split(training.batch_size)
        for index in shuffled[: max(1, len(order) // training.batch_size)]:
            if step == training.steps:
                return
            yield index
            step += 1


def score(net: Network, parts: Sequence[Part]) -> tuple[list[float], list[float]]:
    """The measures on the test part, as the network decides and with tuned decisions."""
    with torch.no_grad():
        validation, test = (
            torch.cat([net(inputs)[0] for inputs in zip(*(x.split(4096) for x in part.inputs), strict=True)])
            for part in parts[1:]
        )
    counts = parts[0].y.bincount()
    log_shares = (counts / counts.sum()).log()

    def measure(shift: float, logits: Tensor, y: Tensor) -> list[float]:
        true, predicted = y.numpy(), (logits - shift * log_shares).argmax(1).numpy()
        rare = recall_score(true, predicted, labels=[int(counts.argmin())], average="macro", zero_division=0)
        macro = f1_score(true, predicted, average="macro", zero_division=0)
        return [float(macro), float(balanced_accuracy_score(true, predicted)), float(rare)]

    best = max(np.arange(-1, 2.01, 0.125), key=lambda shift: measure(shift, validation, parts[1].y)[0])
    return measure(0, test, parts[2].y), measure(best, test, parts[2].y)
