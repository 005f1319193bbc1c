"""Long-tailed training images, and balanced images to score on."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from torchsmote import load_digits_imbalanced, load_mnist_imbalanced

from .settings import Settings

__all__ = ["Images", "Parts", "load_parts", "overlap"]

# Images of each digit set aside for validation and test, pixels in a row, the largest value, images in all.
_SIZES = {"mnist": (50, 100, 28, 255.0, 5000), "digits": (10, 40, 8, 16.0, 1797)}
_LOADERS = {"mnist": load_mnist_imbalanced, "digits": load_digits_imbalanced}


class Images(NamedTuple):
    """Images and their digits.

    Attributes:
        x: float32 in [0, 1], shape (n, 1, side, side).
        y: int64, shape (n,).
    """

    x: Tensor
    y: Tensor


class Parts(NamedTuple):
    """Images that share none: a long tail to train on, and as many of each digit in the other two."""

    train: Images
    validation: Images
    test: Images


def load_parts(settings: Settings) -> Parts:
    """The parts of the settings' data, at their ratio, by their seed."""
    validation, test, side, largest, _ = _SIZES[settings.data]
    loaded = _LOADERS[settings.data](
        settings.imbalance_ratio, seed=settings.seed, validation=validation, test=test
    )

    def images(part: str) -> Images:
        x = torch.from_numpy(loaded[f"{part}data"]) / largest
        return Images(x.reshape(-1, 1, side, side), torch.from_numpy(loaded[f"{part}target"]))

    return Parts(images(""), images("validation_"), images("test_"))


def overlap(data: str) -> float:
    """Test images per image that is not one: two seeds share test images in about this proportion."""
    _, test, _, _, total = _SIZES[data]
    return 10 * test / (total - 10 * test)
