"""Layers whose first weights come from a generator, never from torch's global one."""

from __future__ import annotations

from typing import Any, TypeVar

import torch
from torch import nn

__all__ = ["initialized"]

Layer = TypeVar("Layer", nn.Linear, nn.Conv2d, nn.ConvTranspose2d)


def initialized(kind: type[Layer], *sizes: int, generator: torch.Generator, **options: Any) -> Layer:
    """A float32 layer with He's uniform weights and biases of 0.

    Args:
        kind: Its class.
        *sizes: What the class takes by position.
        generator: Of the weights, on the CPU.
        **options: What it takes by name.

    Reference:
        He, Zhang, Ren and Sun, "Delving deep into rectifiers", ICCV 2015.

    >>> initialized(nn.Linear, 2, 3, generator=torch.Generator().manual_seed(0)).bias.tolist()
    [0.0, 0.0, 0.0]
    """
    layer: Layer = nn.utils.skip_init(kind, *sizes, dtype=torch.float32, **options)
    nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu", generator=generator)
    assert layer.bias is not None
    nn.init.zeros_(layer.bias)
    return layer
