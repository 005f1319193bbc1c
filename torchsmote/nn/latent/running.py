"""Networks run over many rows, batch by batch, and left, like global random state, as they were found."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ...isolation import own_randomness, reading

__all__ = ["decode_into", "encode"]


def encode(encoder: nn.Module, rows: Tensor, batch_size: int, seed: int) -> Tensor:
    """Codes of all rows, in the dtype and on the device that the encoder gives them.

    Args:
        encoder: From (b, ...) to (b, z).
        rows: Shape (n, ...), n at least 1; each batch is moved to where the encoder computes.
        batch_size: Rows at a time.
        seed: Of the global generators, if the encoder draws from them.

    Returns:
        Shape (n, z).

    Raises:
        TypeError: If the encoder returns anything but a floating point tensor.
        ValueError: If its shape is not (b, z), or it has NaN or infinity.
    """
    with own_randomness(seed, encoder), reading(encoder):
        codes = torch.cat([_codes(encoder, batch) for batch in rows.split(batch_size)])
    bad = ~codes.isfinite().all(1)
    if bool(bad.any()):
        row = int(bad.int().argmax())
        raise ValueError(f"`encoder` gave NaN or infinity for row {row}; scale X, or train the encoder again")
    return codes


def decode_into(
    out: Tensor, decoder: nn.Module, codes: Tensor, shape: tuple[int, ...], batch_size: int, seed: int
) -> None:
    """Decode all codes and write them, flattened, into ``out``.

    Args:
        out: Where to write, shape (n, d).
        decoder: From (b, z) to (b, *shape).
        codes: Shape (n, z).
        shape: Shape of one row of X.
        batch_size: Codes at a time.
        seed: Of the global generators, if the decoder draws from them.

    Raises:
        TypeError: If the decoder returns anything but a floating point tensor.
        ValueError: If its shape is not that of rows of X, or it has NaN, infinity or more than ``out`` holds.
    """
    with own_randomness(seed, decoder), reading(decoder):
        for batch, into in zip(codes.split(batch_size), out.split(batch_size), strict=True):
            rows = _called(decoder, batch, "decoder")
            if rows.shape != (len(batch), *shape):
                raise ValueError(
                    f"`decoder` must return rows like those of X, here shape {(len(batch), *shape)}, got "
                    f"{tuple(rows.shape)}; reshape them in its last layer"
                )
            into.copy_(rows.flatten(1))
            if not bool(into.isfinite().all()):
                raise ValueError(
                    f"`decoder` gave NaN, infinity or more than {into.dtype} holds; scale X or train it again"
                )


def _codes(encoder: nn.Module, batch: Tensor) -> Tensor:
    codes = _called(encoder, batch, "encoder")
    if codes.dim() != 2 or len(codes) != len(batch) or codes.shape[1] == 0:
        raise ValueError(
            f"`encoder` must return codes of shape (b, z), here ({len(batch)}, z), got {tuple(codes.shape)}; "
            "end it with nn.Flatten()"
        )
    return codes


def _called(module: nn.Module, batch: Tensor, name: str) -> Tensor:
    """What the module makes of a batch that is moved to the device and dtype of its first numbers."""
    own = next((value for value in module.state_dict().values() if value.is_floating_point()), None)
    made = module(batch if own is None else batch.to(own))
    if not isinstance(made, Tensor) or not made.is_floating_point():
        got = made.dtype if isinstance(made, Tensor) else type(made).__name__
        raise TypeError(
            f"`{name}` must return one floating point tensor, got {got}; wrap it in a module that does"
        )
    return made
