"""Features kept in a file, with a checksum and with what they were computed from."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from ..exceptions import DataWarning
from ..whole_files import digest, replacing
from .encoding import BatchedFeatures
from .items import leaves, read_items
from .rank_shares import agreed

__all__ = ["cached_features", "digest_of_items", "probed_rows"]

_FORMAT = "1"


def cached_features(path: Any, features: BatchedFeatures, dataset: Any, position: int) -> Tensor:
    """Features of all items: from the file if it holds just these, else computed, and then kept there.

    The file says what its features were computed from: the number of items, the content of the first, middle
    and last one, and the encoder: its name and, of a module, every value of its state; besides, it has the
    features of these three items, which must come out again. What is read is mapped from the file.

    A file that is damaged, or that holds other features, is made anew with a DataWarning; so it is where it
    cannot be written: then training goes on without it, and what was there stays.

    Args:
        path: The file; its folder is made where missing.
        features: How they are computed.
        dataset: A map-style dataset.
        position: Which leaf is encoded, where ``features`` do not say.

    Raises:
        ValueError: If ``path`` is a folder.
    """
    target = Path(path)
    if target.is_dir():
        raise ValueError(f"`features_cache` must be a file, got the folder {target}")
    n = len(dataset)
    rows = torch.tensor(probed_rows(n))
    with features.isolated():
        items = read_items(dataset, rows.tolist())
    probe = features.sharing(None).embed(dataset, position, rows)
    facts = {
        "format": _FORMAT,
        "items": str(n),
        "content": digest_of_items(items),
        **_encoder_facts(features),
    }
    kept = _kept(target, facts, probe)
    if kept is not None and agreed(True, features.group):
        return kept
    if kept is None:
        agreed(False, features.group)
    made = features.embed(dataset, position)
    return _read(target)[0] if _written(target, made, probe, facts) else made


def _kept(path: Path, facts: Mapping[str, str], probe: Tensor) -> Tensor | None:
    """The features in the file; None, and a warning, if it does not hold these."""
    if not path.exists():
        return None
    try:
        values, its_probe, its_facts = _read(path)
        reason = _difference(facts, its_facts, its_probe, probe)
    except (SafetensorError, OSError, KeyError, ValueError) as error:
        reason = f"is damaged ({error})"
    if reason is None:
        return values
    warnings.warn(
        f"`features_cache`: {path} {reason}, so its features are computed anew", DataWarning, stacklevel=5
    )
    return None


def _difference(
    facts: Mapping[str, str], its_facts: Mapping[str, str], its_probe: Tensor, probe: Tensor
) -> str | None:
    """How a file differs from what is wanted; None if it does not."""
    for name, value in facts.items():
        if its_facts.get(name) != value:
            if name == "items":
                return f"holds features of {its_facts.get(name)} items, not {value}"
            return {
                "format": "was written by another version",
                "content": "holds features of other items",
                "encoder": f"was made by the encoder {its_facts.get(name)}, not {value}",
                "state": "was made by an encoder with other parameters or buffers",
            }[name]
    # The last bits may depend on what is computed together; a change of the encoder moves more than these.
    near = its_probe.shape == probe.shape and torch.allclose(
        its_probe.double(), probe.double(), rtol=1e-2, atol=1e-3 * float(probe.abs().max())
    )
    return None if near else "holds features that the encoder does not give any more"


def _written(path: Path, values: Tensor, probe: Tensor, facts: Mapping[str, str]) -> bool:
    """Whether the file could be written; a warning says why not."""
    tensors = {"features": values.contiguous(), "probe": probe.contiguous()}
    try:
        with replacing(path) as partial:
            save_file(tensors, partial, {**facts, "sha256": _checksum(tensors)})
    except (SafetensorError, OSError) as error:
        warnings.warn(
            f"`features_cache`: {path} could not be written ({error}); the features are used all the same, "
            "and will be computed again next time",
            DataWarning,
            stacklevel=5,
        )
        return False
    return True


def _read(path: Path) -> tuple[Tensor, Tensor, dict[str, str]]:
    """The features and the probe, mapped from the file, and the facts.

    Raises:
        ValueError: If they are not what was written.
    """
    with safe_open(path, framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in ("features", "probe")}
        facts = dict(file.metadata() or {})
    if facts.pop("sha256", None) != _checksum(tensors):
        raise ValueError("its content does not have its checksum")
    return tensors["features"], tensors["probe"], facts


def _checksum(tensors: Mapping[str, Tensor]) -> str:
    return digest(part for name, values in tensors.items() for part in _bytes_of(name, values))


def _bytes_of(name: str, values: Tensor) -> Iterable[NDArray[Any]]:
    """What tells a tensor from others: its kind, and its content without a copy."""
    yield _text(f"{name} {values.dtype} {tuple(values.shape)}")
    yield values.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy()


def _text(text: str) -> NDArray[Any]:
    return np.frombuffer(text.encode(), np.uint8)


def _encoder_facts(features: BatchedFeatures) -> dict[str, str]:
    encoder, module = features.source, features.module
    kind = encoder if hasattr(encoder, "__qualname__") else type(encoder)
    facts = {"encoder": f"{kind.__module__}.{kind.__qualname__}"}
    return facts if module is None else {**facts, "state": _digest_of_state(module)}


def _digest_of_state(module: nn.Module) -> str:
    state = module.state_dict()
    tensors = {name: value for name, value in state.items() if isinstance(value, Tensor)}
    return _checksum(tensors)


def probed_rows(n: int) -> list[int]:
    """Numbers of the few items that are looked at to tell n items from others: first, middle and last."""
    return sorted({0, n // 2, n - 1})


def digest_of_items(items: Iterable[Any]) -> str:
    """SHA-256 of what items hold: tensors, arrays, images, numbers and texts."""
    return digest(part for item in items for leaf in leaves(item) for part in _leaf_bytes(leaf))


def _leaf_bytes(leaf: Any) -> Iterable[NDArray[Any]]:
    if isinstance(leaf, Tensor):
        yield from _bytes_of("leaf", leaf)
    elif isinstance(leaf, (str, bytes, int, float, bool)):
        yield _text(repr(leaf))
    else:  # arrays, images; of other objects nothing but the type is known
        array = np.asarray(leaf)
        yield _text(f"{type(leaf).__qualname__} {array.dtype} {array.shape}")
        if array.dtype != object:
            yield array
