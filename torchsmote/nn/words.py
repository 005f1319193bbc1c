"""The random numbers of a training step: a pure function of (seed, step, rank, row), alike on any device."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from ..random import Purpose, box_muller, philox

__all__ = ["normals_of", "step_words", "uniforms_of"]

_WORD = 0xFFFFFFFF


def step_words(n: int, blocks: int, seed: int, step: Tensor, device: torch.device, rank: int = 0) -> Tensor:
    """Random words below 2**32, int64, shape (4 * blocks, n), for the n rows of one step.

    Args:
        n: Rows.
        blocks: Independent groups of four words that each row needs.
        seed: In [0, 2**64).
        step: Number of the step, int64, 0-dim, below 2**48.
        device: Where the words are wanted.
        rank: Process that takes the step, below 2**16; each has numbers of its own.
    """
    key = (seed & _WORD, seed >> 32)
    purpose, high = int(Purpose.EMBEDDING) << 24, rank << 16
    if device.type == "cpu" and not torch.compiler.is_compiling():
        # The same integers in numpy, whose calls cost less on vectors as short as a batch.
        number, row = int(step), np.arange(n) + np.zeros((blocks, 1), dtype=np.int64)
        last = (row & 0) + np.arange(purpose, purpose + blocks)[:, None]
        counter = (row, row & 0 | (number >> 32) + high, row & 0 | number & _WORD, last)
        return torch.from_numpy(np.stack(philox(counter, key), 1).reshape(-1, n))
    rows = torch.arange(n, device=device).repeat(blocks, 1)
    zero = torch.zeros_like(rows)
    place = torch.arange(purpose, purpose + blocks, device=device).unsqueeze(1)
    words = philox((rows, zero + (step >> 32) + high, zero + (step & _WORD), zero + place), key)
    return torch.stack(words, 1).reshape(-1, n)


def uniforms_of(words: Tensor) -> Tensor:
    """Uniforms in [0, 1) of 24 bits, float64: exact in float32, so equal for every dtype."""
    return (words >> 8).double() * 2.0**-24


def normals_of(words: Tensor, count: int) -> Tensor:
    """Standard normals, float64, shape (n, count), from words of shape (at least count, n), an even number.

    >>> words = step_words(3, 2, 0, torch.tensor(0), torch.device("cpu"))
    >>> normals_of(words, 5).shape
    torch.Size([3, 5])
    """
    u, v = (words.double() * 2.0**-32).unflatten(0, (-1, 2)).unbind(1)
    return torch.stack(box_muller(u, v), 1).flatten(0, 1)[:count].T
