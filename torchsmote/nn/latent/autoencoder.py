"""Autoencoders for images and tables of any size, and the scale that they work in."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from ..initialized import initialized

__all__ = ["FromScale", "ToScale", "build", "check_rows", "scale_of"]

_LEAST_SIDE = 8
_SLOPE = 0.2
_MOST_DOUBLINGS = 3
_CONV = {"kernel_size": 4, "stride": 2, "padding": 1}


class ToScale(nn.Module):
    """``(x - zero) / (one - zero)``, float32; a feature whose two ends agree becomes 0.

    Args:
        zero: What becomes 0, float64, shape of one row, or one that spreads to it.
        one: What becomes 1.
    """

    zero: Tensor
    one: Tensor

    def __init__(self, zero: Tensor, one: Tensor) -> None:
        super().__init__()
        self.register_buffer("zero", zero)
        self.register_buffer("one", one)

    def forward(self, x: Tensor) -> Tensor:
        """Rows on the scale."""
        length = self.one - self.zero
        return ((x - self.zero) / torch.where(length > 0, length, 1)).float()


class FromScale(ToScale):
    """The way back, float64: exactly within the two ends for what is in [0, 1]."""

    def forward(self, x: Tensor) -> Tensor:
        """Rows as they are in X."""
        x = x.to(self.zero)
        return torch.lerp(self.zero.expand_as(x), self.one.expand_as(x), x)


def check_rows(shape: tuple[int, ...]) -> None:
    """Refuse rows that no autoencoder here is made for.

    Args:
        shape: Shape of X.

    Raises:
        ValueError: If it is neither (n, d) nor (n, c, h, w), or a side is below 8.
    """
    if len(shape) not in (2, 4):
        raise ValueError(
            f"DeepSMOTE: `X` must have shape (n, d) or (n, c, h, w), got {shape}; give images without "
            "channels one, as in X[:, None]; flatten other rows, or take LatentSMOTE with your own networks"
        )
    if len(shape) == 4 and min(shape[2:]) < _LEAST_SIDE:
        raise ValueError(
            f"DeepSMOTE: images must be at least {_LEAST_SIDE} x {_LEAST_SIDE}, got {shape[2]} x {shape[3]}; "
            "flatten them to (n, d)"
        )


def scale_of(rows: Tensor) -> tuple[Tensor, Tensor]:
    """What becomes 0 and what becomes 1.

    Args:
        rows: All rows, shape (n, c, h, w) or (n, d).

    Returns:
        float64: of images, the smallest and largest value of each channel, (c, 1, 1); of tables, the mean of
        each column, and mean plus standard deviation, (d,).

    Raises:
        ValueError: If the values span more than float64 holds.
    """
    if rows.dim() == 4:
        zero, one = rows.amin((0, 2, 3)).double(), rows.amax((0, 2, 3)).double()
        zero, one = zero[:, None, None], one[:, None, None]
    else:
        spread, zero = torch.std_mean(rows.double(), 0, correction=0)
        one = zero + spread
    if not bool((one - zero).isfinite().all()):
        raise ValueError("DeepSMOTE: the values of `X` span more than float64 holds; scale them")
    return zero, one


def build(
    shape: tuple[int, ...], latent_dim: int, width: int, generator: torch.Generator
) -> tuple[nn.Module, nn.Module]:
    """Encoder and decoder, on the CPU, for rows on the scale.

    Args:
        shape: Shape of one row, (d,) or (c, h, w).
        latent_dim: Numbers of a code.
        width: Channels after the first convolution; 8 times as many units in the hidden layers of tables.
        generator: Of the first weights.
    """
    if len(shape) == 3:
        return _for_images(shape[0], (shape[1], shape[2]), latent_dim, width, generator)
    return _for_tables(shape[0], latent_dim, 8 * width, generator)


def _for_tables(d: int, z: int, hidden: int, generator: torch.Generator) -> tuple[nn.Module, nn.Module]:
    """Two hidden layers each."""

    def stack(n_in: int, n_out: int) -> nn.Module:
        layers: list[nn.Module] = []
        for sizes in ((n_in, hidden), (hidden, hidden)):
            layers += [initialized(nn.Linear, *sizes, generator=generator), nn.ReLU()]
        return nn.Sequential(*layers, initialized(nn.Linear, hidden, n_out, generator=generator))

    return stack(d, z), stack(z, d)


def _for_images(
    c: int, side: tuple[int, int], z: int, width: int, generator: torch.Generator
) -> tuple[nn.Module, nn.Module]:
    """Convolutions that halve the sides until the shorter one is 2 or 3, and their mirror image."""
    sides = [side]
    while min(sides[-1]) >= 4:
        sides.append((sides[-1][0] // 2, sides[-1][1] // 2))
    channels = [c, *(width * 2 ** min(i, _MOST_DOUBLINGS) for i in range(len(sides) - 1))]
    flat = channels[-1] * sides[-1][0] * sides[-1][1]
    down: list[nn.Module] = []
    up: list[nn.Module] = []
    for i, (n_in, n_out) in enumerate(pairwise(channels)):
        down += [
            initialized(nn.Conv2d, n_in, n_out, generator=generator, **_CONV),
            nn.LeakyReLU(_SLOPE),
        ]
        odd = (sides[i][0] % 2, sides[i][1] % 2)
        back = initialized(nn.ConvTranspose2d, n_out, n_in, generator=generator, output_padding=odd, **_CONV)
        up = [back, nn.ReLU() if i else nn.Sigmoid(), *up]
    encoder = nn.Sequential(*down, nn.Flatten(), initialized(nn.Linear, flat, z, generator=generator))
    start = [initialized(nn.Linear, z, flat, generator=generator), nn.ReLU()]
    return encoder, nn.Sequential(*start, nn.Unflatten(1, (channels[-1], *sides[-1])), *up)
