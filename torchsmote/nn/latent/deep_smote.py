"""DeepSMOTE: an autoencoder trained for over-sampling, and SMOTE between its codes."""

from __future__ import annotations

import warnings
from numbers import Real
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from ...exceptions import FewSamplesWarning
from ...over_sampling import SMOTE
from ...parameters import COUNT, DEVICE_AND_BACKEND, Interval, StrOptions
from ...progress import show_progress
from ...random import Purpose, stream_seed
from ...targets import Targets
from .autoencoder import FromScale, ToScale, build, check_rows, scale_of
from .base import LatentSampler
from .penalty import PENALTIES
from .training import Schedule, train_autoencoder

__all__ = ["DeepSMOTE"]


class DeepSMOTE(LatentSampler):
    r"""Train an autoencoder on X, over-sample its codes, and decode the synthetic ones.

    Each training step adds to the reconstruction loss of a batch a penalty: rows c of one class are encoded,
    their codes change places, and each decoded code is compared with the row whose place it took,

    .. math:: L = mean_i |D(E(x_i)) - x_i|^2 + mean_i |D(E(c_{i+1})) - c_i|^2

    so that the decoder learns how a class varies, and no discriminator is needed.

    **What the penalty does.** A squared loss against other rows of the class is least at their mean. A row of
    a class with share p of the rows, in C classes, is so drawn towards the mean of its class by the factor
    1 / (1 + C p) (least squares, with codes free to tell all rows apart): by half in a class of average size,
    nearly all the way in a rare one. Where synthetic rows shall vary as real ones do, take
    ``penalty="reference"`` or None, and compare.

    Images (n, c, h, w) get convolutions of stride 2 that fit any h and w of at least 8, and a sigmoid on the
    smallest and largest value of each channel in X: a decoded value lies between the two, nothing is clipped.
    Tables (n, d) get linear layers on standardised columns, and an output without bounds. Networks compute in
    float32; training keeps a float32 copy of X, and one in float64 for as long as that is made. The same seed
    gives the same rows on the CPU with the same number of threads; on CUDA where
    ``torch.use_deterministic_algorithms(True)`` is set.

    Args:
        resampler: The over-sampler of the codes; its ``sampling_strategy`` says how many rows are made. None:
            ``SMOTE()``.
        latent_dim: Numbers of a code. The reference code has 300 for 28 x 28 images.
        epochs: Passes over X.
        batch_size: Rows of a training step, and as many of one class for the penalty (all, where it has
            fewer).
        learning_rate: Adam's. The reference code has 0.0002, and 200 epochs over some 40,000 images.
        penalty: "paper": as above. "reference": as the paper's reference code has it: the rows that decoded
            codes are compared with change places too, so this is the plain reconstruction loss of rows whose
            class is drawn with equal chances, and its gradient stops before the encoder. None: no penalty.
        width: Channels after the first convolution, doubled by the next three; hidden layers for tables have
            8 times as many units. The reference code has 64.
        seed: Of first weights, batches and synthetic rows, in [0, 2**32). A resampler with a ``random_state``
            of its own uses that in ``fit_resample``; ``sample`` always uses ``seed``.
        device: Where to train and compute; None: the tensor's own device, else the CPU.
        progress: Whether to show a bar, or lines, on standard error.

    Attributes:
        encoder_: The trained encoder, in eval mode: from rows as in X to codes.
        decoder_: The trained decoder: from codes to rows as in X, in float64.
        codes_: Codes of the real rows, float32, shape (n, latent_dim).
        loss_curve_: Loss of each epoch: the sum of the next two.
        reconstruction_curve_: Mean squared error of each epoch, on the scale: of the channel's range for
            images, of the column's standard deviation for tables.
        penalty_curve_: The penalty of each epoch; 0 where there is none.
        resampler_: The over-sampler that runs on the codes.
        sampling_strategy_: Class -> synthetic rows asked for.
        classes_: The classes, sorted.
        draws_: `Draws` of the synthetic codes of the last ``fit_resample``.
        sample_indices_: Input row of each output row, -1 for a synthetic one.
        n_calls_: Calls of ``sample`` since the fit.

    Raises:
        TypeError: From ``fit``, if X is not numeric, or an argument is of the wrong kind.
        ValueError: From ``fit``, if X has another shape, NaN or infinity, an argument is out of range, a
            class has too few rows for the resampler, or the loss is no longer finite.

    Reference:
        Dablain, Krawczyk and Chawla, "DeepSMOTE: fusing deep learning and SMOTE for imbalanced data", IEEE
        Transactions on Neural Networks and Learning Systems, 2022 (arXiv 2105.02340).

    >>> X = torch.rand(20, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    >>> y = torch.tensor([0] * 14 + [1] * 6)
    >>> deep = DeepSMOTE(latent_dim=4, epochs=2, width=4, progress=False)
    >>> X_new, y_new = deep.fit_resample(X, y)
    >>> X_new.shape, y_new.bincount().tolist()
    (torch.Size([28, 1, 8, 8]), [14, 14])
    >>> deep.sample(3, label=1).shape
    torch.Size([3, 1, 8, 8])
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **LatentSampler._parameter_constraints,
        "latent_dim": COUNT,
        "epochs": COUNT,
        "batch_size": COUNT,
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "penalty": [StrOptions(set(PENALTIES)), None],
        "width": COUNT,
        "device": DEVICE_AND_BACKEND["device"],
        "progress": ["boolean"],
    }

    def __init__(
        self,
        *,
        resampler: Any = None,
        latent_dim: int = 64,
        epochs: int = 100,
        batch_size: int = 100,
        learning_rate: float = 1e-3,
        penalty: str | None = "paper",
        width: int = 16,
        seed: int = 0,
        device: Any = None,
        progress: bool = True,
    ) -> None:
        self.resampler = resampler
        self.latent_dim = latent_dim
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.penalty = penalty
        self.width = width
        self.seed = seed
        self.device = device
        self.progress = progress

    def _networks(self, rows: Tensor, targets: Targets) -> tuple[nn.Module, nn.Module]:
        check_rows(tuple(rows.shape))
        self._check_class_sizes(targets)
        with torch.inference_mode(False):  # training needs gradients, wherever it is called
            return self._trained(rows, targets)

    def _trained(self, rows: Tensor, targets: Targets) -> tuple[nn.Module, nn.Module]:
        ends = scale_of(rows)
        generator = torch.Generator().manual_seed(stream_seed(self.seed, 0, Purpose.FIT))
        networks = build(tuple(rows.shape[1:]), self.latent_dim, self.width, generator)
        encoder, decoder = (network.to(rows.device) for network in networks)
        by_class = [torch.from_numpy(targets.rows_of(place)) for place in range(len(targets.counts))]
        schedule = Schedule(self.epochs, self.batch_size, self.learning_rate, self.penalty)
        to_scale, from_scale = ToScale(*ends), FromScale(*ends)
        with show_progress("DeepSMOTE: epochs", self.epochs, show=self.progress) as advance:
            curve = train_autoencoder(
                encoder, decoder, to_scale(rows), by_class, schedule, generator, advance
            )
        self.reconstruction_curve_, self.penalty_curve_ = curve.T.tolist()
        self.loss_curve_ = curve.sum(1).tolist()
        return nn.Sequential(to_scale, encoder).eval(), nn.Sequential(decoder, from_scale).eval()

    def _check_class_sizes(self, targets: Targets) -> None:
        """A class too small for SMOTE is known before the training; other methods look at the codes first."""
        if isinstance(self.resampler_, SMOTE):
            stand_ins = torch.arange(len(targets.codes), dtype=torch.float32).unsqueeze(1)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", FewSamplesWarning)  # it comes with the codes
                self.resampler_.recipe(stand_ins, targets.labels)
