"""What decides the demo's figures."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Literal

__all__ = ["PRESETS", "Settings", "with_data"]


@dataclass(frozen=True)
class Settings:
    """Everything that decides the figures; two runs with equal settings on one machine give equal figures.

    Args:
        data: The table: "kdd04" (145,751 x 74, downloaded once, 22 MB) or "digits" (bundled, 695 x 64).
        data_home: Folder where a downloaded table is cached; null: see torchsmote.datasets.fetch_kdd04.
        out: Folder for the CSV files, the picture and the report; null: runs/<data>.
        methods: Which ways to train, in the table's order; the others are compared with the first.
        seeds: How many seeds, at least 2; each has its own split, initial weights and batch order.
        first_seed: The first of the consecutive seeds.
        steps: Optimiser steps of every run, the same for every method.
        batch_size: Rows of a batch, the same for every method.
        hidden: Widths of the network's hidden layers.
        learning_rate: Peak of the one-cycle schedule.
        weight_decay: Of AdamW.
        sampling_strategy: Rare rows per common row that every method but the first aims at, in (0, 1].
        k_neighbors: Neighbours of SMOTE, in the table and in the embedding.
        bank_size: Embeddings of earlier batches that EmbeddingSMOTE may use; 0: those of the batch alone.
        threads: Of torch, while the demo runs; more do not speed up a network this small.
        start_share: Share of the steps after which EmbeddingSMOTE begins: a raw network has no embedding yet.
    """

    data: Literal["kdd04", "digits"] = "kdd04"
    data_home: str | None = None
    out: str | None = None
    methods: tuple[str, ...] = (
        "as is",
        "class weights",
        "random over-sampling",
        "SMOTEDataset",
        "EmbeddingSMOTE",
    )
    seeds: int = 5
    first_seed: int = 0
    steps: int = 2000
    batch_size: int = 512
    hidden: tuple[int, ...] = (128, 64)
    learning_rate: float = 0.003
    weight_decay: float = 0.1
    sampling_strategy: float = 0.1
    k_neighbors: int = 5
    bank_size: int = 0
    start_share: float = 0.5
    threads: int = 1

    def __post_init__(self) -> None:
        at_least = {
            "seeds": 2,
            "first_seed": 0,
            "steps": 1,
            "batch_size": 1,
            "k_neighbors": 1,
            "bank_size": 0,
            "threads": 1,
        }
        for name, low in at_least.items():
            if getattr(self, name) < low:
                raise ValueError(f"`{name}` must be at least {low}, got {getattr(self, name)}")
        if not 0 < self.sampling_strategy <= 1:
            raise ValueError(f"`sampling_strategy` must be in (0, 1], got {self.sampling_strategy}")
        if not 0 <= self.start_share <= 1:
            raise ValueError(f"`start_share` must be in [0, 1], got {self.start_share}")
        if not self.hidden or min(self.hidden) < 1:
            raise ValueError(f"`hidden` must be one or more widths of at least 1, got {list(self.hidden)}")
        if not self.methods or len(set(self.methods)) < len(self.methods):
            raise ValueError(f"`methods` must be different names, at least one, got {list(self.methods)}")

    @property
    def folder(self) -> Path:
        """Where results go."""
        return Path(self.out or f"runs/{self.data}")

    @property
    def all_seeds(self) -> range:
        """The seeds in order."""
        return range(self.first_seed, self.first_seed + self.seeds)


PRESETS: dict[str, Settings] = {
    "kdd04": Settings(),
    "digits": Settings(data="digits", steps=300, batch_size=64, sampling_strategy=0.5),
}


def with_data(settings: Settings, data: str) -> Settings:
    """The preset of another table, with every key kept that ``settings`` changed from its own preset."""
    preset = PRESETS[settings.data]
    changed = {
        field.name: getattr(settings, field.name)
        for field in fields(settings)
        if getattr(settings, field.name) != getattr(preset, field.name)
    }
    return replace(PRESETS[data], **changed)
