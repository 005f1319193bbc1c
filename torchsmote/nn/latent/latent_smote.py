"""SMOTE between the codes of an autoencoder that somebody has trained."""

from __future__ import annotations

from typing import Any, ClassVar

from torch import Tensor, nn

from ...parameters import COUNT, InvalidParameterError, what_is
from ...targets import Targets
from .base import LatentSampler

__all__ = ["LatentSMOTE"]


class LatentSMOTE(LatentSampler):
    """Over-sample in the latent space of a trained autoencoder: encode, resample the codes, decode.

    A synthetic row is ``decoder(z_base + u * (z_neighbor - z_base))``, where z is ``encoder(x)`` and base and
    neighbour are those of the resampler, found among the codes. The networks are used as they are, in eval
    mode and without gradients: no parameter or buffer changes, and each submodule is in its old mode
    afterwards. What a network draws itself, as a variational one may, is seeded by ``seed``, and global
    random state put back. Their batches are moved to the device and dtype of their first numbers; what comes
    out has X's dtype and device. A synthetic row is as good as the decoder: check that it gives real rows
    back.

    Args:
        encoder: A module from (b, ...), rows as in X, to codes (b, z).
        decoder: A module from codes (b, z) to rows as in X.
        resampler: The over-sampler of the codes; its ``sampling_strategy`` says how many rows are made. None:
            ``SMOTE()``.
        batch_size: Rows encoded or decoded at a time.
        seed: Of the synthetic rows, in [0, 2**32). A resampler with a ``random_state`` of its own uses that
            in ``fit_resample``; ``sample`` always uses ``seed``.

    Attributes:
        codes_: Codes of the real rows, shape (n, z), on the encoder's device; beside the labels all that is
            kept.
        encoder_: ``encoder``.
        decoder_: ``decoder``.
        resampler_: The over-sampler that runs on the codes.
        sampling_strategy_: Class -> synthetic rows asked for.
        classes_: The classes, sorted.
        draws_: `Draws` of the synthetic codes of the last ``fit_resample``.
        sample_indices_: Input row of each output row, -1 for a synthetic one.
        n_calls_: Calls of ``sample`` since the fit.

    Raises:
        TypeError: From ``fit``, if a network is no module object or does not return one floating tensor.
        ValueError: From ``fit``, if codes are not (b, z), decoded rows not like those of X, or either not
            finite; the last from every method.

    >>> import torch
    >>> from torch import nn
    >>> from torchsmote import SMOTE
    >>> X, y = torch.arange(12.0).reshape(12, 1), torch.tensor([0] * 8 + [1] * 4)
    >>> latent = LatentSMOTE(nn.Identity(), nn.Identity(), SMOTE(k_neighbors=2))
    >>> X_new, y_new = latent.fit_resample(X, y)
    >>> X_new.shape, y_new.bincount().tolist()
    (torch.Size([16, 1]), [8, 8])
    >>> latent.sample(3, label=1).shape
    torch.Size([3, 1])
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **LatentSampler._parameter_constraints,
        "encoder": [nn.Module],
        "decoder": [nn.Module],
        "batch_size": COUNT,
    }

    def __init__(
        self,
        encoder: nn.Module,
        decoder: nn.Module,
        resampler: Any = None,
        *,
        batch_size: int = 256,
        seed: int = 0,
    ) -> None:
        self.encoder = encoder
        self.decoder = decoder
        self.resampler = resampler
        self.batch_size = batch_size
        self.seed = seed

    def check_parameters(self) -> None:
        """See `SMOTE`; a network that is given as a class is named.

        Raises:
            ValueError: If an argument is of the wrong type or out of range (it is a TypeError too).
        """
        for name in ("encoder", "decoder"):
            given = getattr(self, name)
            if not isinstance(given, nn.Module):
                raise InvalidParameterError(
                    f"LatentSMOTE: `{name}` is {what_is(given)}; give a trained torch.nn.Module object"
                )
        super().check_parameters()

    def _networks(self, rows: Tensor, targets: Targets) -> tuple[nn.Module, nn.Module]:
        return self.encoder, self.decoder
