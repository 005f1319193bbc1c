"""Import an optional package, or say which extra brings it."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

__all__ = ["import_extra"]


def import_extra(module: str, extra: str = "demo") -> ModuleType:
    """Import ``module``, which torchsmote needs only for some of its work.

    Args:
        module: Dotted name.
        extra: The extra of torchsmote that installs it.

    Raises:
        ImportError: If it is not installed; one line that names the package and the command.

    >>> import_extra("json.decoder").__name__
    'json.decoder'
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        package = module.partition(".")[0]
        raise ImportError(
            f'{package} is not installed and is needed here; run: pip install "torchsmote[{extra}]"',
            name=package,
        ) from error
