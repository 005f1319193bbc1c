"""The ways to train on an imbalanced table. Each is a function from the training rows to a Plan.

They differ in nothing else: network, initial weights, steps, batch size and optimiser are the same, and all
but the first aim at the same share of rare rows (``sampling_strategy`` rare rows per common row).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from ..data import SMOTEDataset, SMOTESampler
from ..evaluate.networks.batches import shuffled_batches
from ..evaluate.networks.mlp import TabularMLP
from ..nn import EmbeddingSMOTE
from ..over_sampling import SMOTE, RandomOverSampler
from .settings import Settings
from .tables import Part

__all__ = ["METHODS", "Method", "Plan"]


class Plan(NamedTuple):
    """What the training loop needs to know about a method.

    Attributes:
        loader: Batches of one epoch, (x, y), each time it is iterated.
        model: The network.
        pos_weight: Weight of a rare row in the loss; None: 1.
    """

    loader: Iterable[Any]
    model: TabularMLP
    pos_weight: Tensor | None = None


Method = Callable[[Part, Settings, int], Plan]  # (training rows, settings, seed)


def as_is(train: Part, settings: Settings, seed: int) -> Plan:
    """Nothing is done about the imbalance, except that the threshold is tuned on validation, as for all."""
    return Plan(_batches(train, settings, seed), _network(train, settings, seed))


def class_weights(train: Part, settings: Settings, seed: int) -> Plan:
    """A rare row weighs more in the loss."""
    rare, common = _counts(train)
    weight = torch.tensor(settings.sampling_strategy * common / rare)
    return Plan(_batches(train, settings, seed), _network(train, settings, seed), weight)


def random_over_sampling(train: Part, settings: Settings, seed: int) -> Plan:
    """Rare rows are repeated in the table."""
    resampler = RandomOverSampler(sampling_strategy=settings.sampling_strategy, random_state=seed)
    rows = Part(*resampler.fit_resample(train.X, train.y))
    return Plan(_batches(rows, settings, seed), _network(train, settings, seed))


def smote_dataset(train: Part, settings: Settings, seed: int) -> Plan:
    """SMOTE in the DataLoader: every epoch reads fresh synthetic rows, and none is stored."""
    resampler = SMOTE(sampling_strategy=settings.sampling_strategy, k_neighbors=settings.k_neighbors)
    dataset = SMOTEDataset(TensorDataset(train.X, train.y), resampler, seed=seed)
    loader = DataLoader(
        dataset,
        batch_size=settings.batch_size,
        sampler=SMOTESampler(dataset, seed=seed),
        drop_last=True,
        generator=torch.Generator().manual_seed(seed),
    )
    return Plan(loader, _network(train, settings, seed))


def embedding_smote(train: Part, settings: Settings, seed: int) -> Plan:
    """SMOTE in the model: each batch gets synthetic embeddings just before the head."""
    rare, common = _counts(train)
    missing = max(0.0, settings.sampling_strategy * common - rare)
    loader = _batches(train, settings, seed)
    layer = EmbeddingSMOTE(
        num_classes=2,
        resampler=SMOTE(k_neighbors=settings.k_neighbors),
        ratio=missing / (rare + common),
        class_counts=[common, rare],
        bank_size=settings.bank_size,
        start_epoch=int(settings.start_share * settings.steps / len(loader)),
        seed=seed,
    )
    return Plan(loader, _network(train, settings, seed, between=layer))


METHODS: dict[str, Method] = {
    "as is": as_is,
    "class weights": class_weights,
    "random over-sampling": random_over_sampling,
    "SMOTEDataset": smote_dataset,
    "EmbeddingSMOTE": embedding_smote,
}


def _counts(train: Part) -> tuple[int, int]:
    rare = int(train.y.sum())
    return rare, len(train.y) - rare


def _network(train: Part, settings: Settings, seed: int, between: nn.Module | None = None) -> TabularMLP:
    return TabularMLP(train.X.shape[1], settings.hidden, between=between, seed=seed)


def _batches(rows: Part, settings: Settings, seed: int) -> DataLoader[Any]:
    return shuffled_batches(rows.X, rows.y, settings.batch_size, seed)
