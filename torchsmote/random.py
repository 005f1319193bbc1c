"""Random numbers that are a pure function of (seed, epoch, row): Philox 4x32-10 in integer tensor ops.

A counter-based generator has no state to carry. Any worker or rank that asks for the numbers of a row gets
the same ones, in any order, on any device, and a run resumes at any index. Seed, epoch and row each have
words of their own: adding them would make seed 0 at epoch 1 equal to seed 1 at epoch 0.

Reference:
    Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

__all__ = [
    "Purpose",
    "box_muller",
    "check_epoch",
    "check_seed",
    "host_state",
    "normals",
    "philox",
    "stream_seed",
    "uniforms",
]

_MASK = 0xFFFFFFFF
_MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
_WEYL = (0x9E3779B9, 0xBB67AE85)
_ROUNDS = 10
_MAX_ATTEMPT = 0xFFFF
_CHUNK = 32768  # 37 ns a row, against 64 for 4,096: a call costs as much as hundreds of rows


class Purpose(IntEnum):
    """What numbers are for. Each purpose has a counter word of its own, so two uses never share numbers."""

    DRAW = 0
    SHUFFLE = 1
    EMBEDDING = 2
    FIT = 3
    VOTE = 4
    BALANCE = 5
    WEIGHTED = 6
    NORMALS = 16  # and all above it: a row may need more normals than one word of blocks can count


def check_seed(seed: int, name: str = "seed") -> int:
    """Return ``seed`` as an int, or raise if it does not fit the generator's 64-bit key.

    Args:
        seed: An integer in [0, 2**64).
        name: The argument's name in the error.

    Raises:
        TypeError: If ``seed`` is not an integer.
        ValueError: If it is negative or needs more than 64 bits.
    """
    if isinstance(seed, bool) or not hasattr(seed, "__index__"):
        raise TypeError(f"`{name}` must be an int, got {type(seed).__name__}")
    seed = seed.__index__()
    if not 0 <= seed < 2**64:
        raise ValueError(f"`{name}` must be in [0, 2**64), got {seed}")
    return seed


def check_epoch(epoch: int, name: str = "epoch") -> int:
    """Return ``epoch`` as an int, or raise if it does not fit the generator's counter word.

    Raises:
        TypeError: If it is not an integer.
        ValueError: If it is outside [0, 2**32).
    """
    if isinstance(epoch, bool) or not hasattr(epoch, "__index__"):
        raise TypeError(f"`{name}` must be an int, got {type(epoch).__name__}")
    epoch = epoch.__index__()
    if not 0 <= epoch <= _MASK:
        raise ValueError(f"`{name}` must be in [0, 2**32), got {epoch}")
    return epoch


Words = TypeVar("Words", Tensor, "NDArray[Any]")


def philox(counter: Sequence[Words], key: tuple[int, int]) -> tuple[Words, Words, Words, Words]:
    """Philox 4x32-10: four counter words and two key words in, four random words out.

    Args:
        counter: Four counter words, each int64 values below 2**32, of one shape; tensors on any device, or
            numpy arrays. The formula is the same; numpy's calls cost a third of torch's on short vectors.
        key: Two words below 2**32.

    Returns:
        Four random words, int64 values below 2**32, each of that shape.

    The 64-bit product of two 32-bit words wraps in int64, but its bit pattern is the unsigned product, so an
    arithmetic shift and a mask give the exact high word.

    >>> zero = torch.zeros(1, dtype=torch.int64)
    >>> [f"{word.item():08x}" for word in philox([zero] * 4, (0, 0))]
    ['6627e8d5', 'e169c58d', 'bc57ac4c', '9b00dbd8']
    """
    c0, c1, c2, c3 = counter
    for r in range(_ROUNDS):
        product0, product2 = c0 * _MULTIPLIERS[0], c2 * _MULTIPLIERS[1]
        k0, k1 = ((key[i] + r * _WEYL[i]) & _MASK for i in (0, 1))
        high2, high0 = product2 >> 32, product0 >> 32
        # In place, on vectors that are new here: fewer of them have to fit in cache.
        for high, other, k in ((high2, c1, k0), (high0, c3, k1)):
            high &= _MASK
            high ^= other
            high ^= k
        product2 &= _MASK
        product0 &= _MASK
        c0, c1, c2, c3 = high2, product2, high0, product0
    return c0, c1, c2, c3


def uniforms(
    rows: Tensor,
    seed: int,
    epoch: int = 0,
    *,
    purpose: Purpose = Purpose.DRAW,
    attempt: int = 0,
    block: int = 0,
) -> Tensor:
    """Three uniform numbers in [0, 1) for each row, a pure function of all arguments.

    The first has 53 random bits (it chooses among any number of rows), the second 32 and the third 24 (so
    that it is exact in float32 and the same step is drawn for every dtype).

    Args:
        rows: Row numbers, int64, shape (n,), each in [0, 2**63).
        seed: The generator's key, in [0, 2**64).
        epoch: Counter word of the epoch, in [0, 2**32).
        purpose: What the numbers are for.
        attempt: Counter word of a redraw, at most 65,535.
        block: Further independent triples of the same row, at most 255.

    Returns:
        float64 tensor of shape (3, n) on the device of ``rows``.

    >>> uniforms(torch.tensor([0, 1]), seed=0).shape
    torch.Size([3, 2])
    """
    return _uniforms(rows, seed, epoch, (int(purpose) << 24) | block, attempt)


def _uniforms(rows: Tensor, seed: int, epoch: int, word: int, attempt: int) -> Tensor:
    epoch = check_epoch(epoch)
    if not 0 <= attempt <= _MAX_ATTEMPT:
        raise ValueError(f"`attempt` must be in [0, {_MAX_ATTEMPT}], got {attempt}")
    last_word = word | (attempt << 8)
    key = (seed & _MASK, seed >> 32)
    numbers = torch.empty((3, rows.numel()), dtype=torch.float64, device=rows.device)
    if rows.device.type != "cpu":
        _fill(numbers, rows, key, epoch, last_word)
        return numbers
    into, of = numbers.numpy(), rows.numpy()
    for start in range(0, rows.numel(), _CHUNK):
        part = slice(start, start + _CHUNK)
        _fill(into[:, part], of[part], key, epoch, last_word)
    return numbers


def normals(rows: Tensor, count: int, seed: int, epoch: int = 0, *, attempt: int = 0) -> Tensor:
    """Standard normal numbers for each row, a pure function of all arguments, independent of ``uniforms``.

    Args:
        rows: Row numbers, int64, shape (n,).
        count: Numbers a row, at most 122,880.
        seed: As in ``uniforms``.
        epoch: As in ``uniforms``.
        attempt: As in ``uniforms``.

    Returns:
        float64 tensor of shape (n, count) on the device of ``rows``.

    >>> normals(torch.tensor([0, 1]), 3, seed=0).shape
    torch.Size([2, 3])
    """
    blocks = (count + 1) // 2
    if blocks > (256 - Purpose.NORMALS) * 256:
        raise ValueError(f"`count` must be at most {(256 - Purpose.NORMALS) * 512}, got {count}")
    made = torch.empty((rows.numel(), 2 * blocks), dtype=torch.float64, device=rows.device)
    for block in range(blocks):
        word = (int(Purpose.NORMALS) + block // 256) << 24 | block % 256
        u, v, _ = _uniforms(rows, seed, epoch, word, attempt)
        made[:, 2 * block], made[:, 2 * block + 1] = box_muller(u, v)
    return made[:, :count]


def box_muller(u: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
    """Two independent standard normals from each two independent uniforms in [0, 1).

    ``sqrt(-2 log(1 - u)) * (cos(2 pi v), sin(2 pi v))``.

    Reference:
        Box and Muller, "A note on the generation of random normal deviates", 1958.
    """
    radius, angle = (-2.0 * torch.log1p(-u)).sqrt(), (2 * torch.pi) * v
    return radius * angle.cos(), radius * angle.sin()


def _fill(numbers: Words, rows: Words, key: tuple[int, int], epoch: int, last_word: int) -> None:
    """Write the three numbers of each row into ``numbers``, shape (3, n)."""
    zero = rows & 0
    w0, w1, w2, w3 = philox((rows & _MASK, rows >> 32, zero + epoch, zero + last_word), key)
    numbers[0] = ((w0 >> 5) << 26) | (w1 >> 6)
    numbers[0] *= 2.0**-53
    numbers[1] = w2
    numbers[1] *= 2.0**-32
    numbers[2] = w3 >> 8
    numbers[2] *= 2.0**-24


def stream_seed(seed: int, epoch: int, purpose: Purpose) -> int:
    """A 63-bit seed for a torch.Generator, a pure function of (seed, epoch, purpose).

    >>> stream_seed(0, 1, Purpose.SHUFFLE) != stream_seed(1, 0, Purpose.SHUFFLE)
    True
    """
    counter = np.array([[0], [0], [check_epoch(epoch)], [int(purpose) << 24]])
    low, high, *_ = philox(list(counter), (seed & _MASK, seed >> 32))
    return ((int(high[0]) << 32) | int(low[0])) & (2**63 - 1)


def host_state(random_state: Any) -> Any:
    """What scikit-learn takes as ``random_state``: a torch.Generator gives a seed, anything else stays.

    >>> host_state(7), 0 <= host_state(torch.Generator().manual_seed(0)) < 2**31
    (7, True)
    """
    if not isinstance(random_state, torch.Generator):
        return random_state
    return int(torch.randint(2**31 - 1, (), generator=random_state, device=random_state.device))
