"""Which versions figures were made with."""

from __future__ import annotations

import platform
from importlib.metadata import version

__all__ = ["versions"]

_PACKAGES = ("torchsmote", "torch", "scikit-learn", "numpy")


def versions() -> dict[str, str]:
    """Version of Python, of torchsmote, and of the packages that its figures depend on.

    >>> list(versions())
    ['python', 'torchsmote', 'torch', 'scikit-learn', 'numpy']
    """
    return {"python": platform.python_version(), **{name: version(name) for name in _PACKAGES}}
