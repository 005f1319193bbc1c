"""The file of a saved recipe: safetensors, with a checksum over every byte of it.

The tensors are the recipe's own. What else it holds stands in the file's metadata, as JSON under one key;
under another is the SHA-256 of the whole file, taken with that digest's own 64 characters read as zeros.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from .layout import Part
from .origin import Origin
from .variants import VARIANTS, Variant
from .whole_files import digest, replacing

__all__ = ["FORMAT", "read_recipe", "write_recipe"]

FORMAT = 1  # raised whenever a file could be read wrongly by an older version
_FACTS = "torchsmote.recipe"
_BLANK = "0" * 64
_LONGEST_HEADER = 100_000_000  # safetensors' own limit, bytes


def write_recipe(path: str | os.PathLike[str], fields: Mapping[str, Any]) -> None:
    """Write the fields of a recipe; see `Recipe.save`."""
    variant: Variant = fields["variant"]
    if VARIANTS.get(variant.name) is not variant:
        raise ValueError(
            f"the recipe's variant {variant.name!r} is not in torchsmote.variants.VARIANTS, by which name a "
            "file stores it; put it there, in every process that saves or loads the recipe"
        )
    origin: Origin | None = fields["origin"]
    facts = {
        "format": FORMAT,
        "torchsmote": version("torchsmote"),
        "variant": variant.name,
        "n_classes": fields["n_classes"],
        "dtype": str(fields["dtype"]).removeprefix("torch."),
        "origin": None if origin is None else origin._asdict(),
    }
    tensors = {name: value for name, value in fields.items() if isinstance(value, Tensor)}
    tensors["parts"] = torch.tensor(fields["parts"], dtype=torch.int64).reshape(-1, 3)
    with replacing(path) as partial:
        try:
            save_file(_separate(tensors), partial, {"sha256": _BLANK, _FACTS: json.dumps(facts)})
        except SafetensorError as error:
            raise OSError(f"{os.fspath(path)} could not be written: {error}") from error
        _sign(partial)


def read_recipe(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The fields of a recipe, its tensors mapped from the file; see `Recipe.load`."""
    facts = _checked(Path(path))
    with safe_open(path, framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 -- no dict
    if facts["variant"] not in VARIANTS:
        raise ValueError(
            f"{os.fspath(path)} holds a recipe of the variant {facts['variant']!r}, which is not in "
            "torchsmote.variants.VARIANTS; put it there first, or update torchsmote"
        )
    origin = facts["origin"]
    return {
        "table": None,  # the one that has no default, so it must be said
        **tensors,
        "variant": VARIANTS[facts["variant"]],
        "n_classes": facts["n_classes"],
        "parts": tuple(Part(*row) for row in tensors["parts"].tolist()),
        "dtype": getattr(torch, facts["dtype"]),
        "origin": None if origin is None else Origin(**{**origin, "counts": tuple(origin["counts"])}),
    }


def _separate(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors on the host, contiguous, none of them in the memory of another, as the format wants it."""
    found: dict[str, Tensor] = {}
    taken: set[int] = set()
    for name, values in tensors.items():
        values = values.detach().cpu().contiguous()
        place = values.untyped_storage().data_ptr()
        found[name] = values.clone() if place in taken else values
        taken.add(place)
    return found


def _sign(path: Path) -> None:
    """Put the digest of a file that was written with a blank one into its place."""
    head = _head(path)
    place = head.index(_BLANK.encode())
    signature = _digest_of(path, head)
    with path.open("r+b") as file:
        file.seek(place)
        file.write(signature.encode())


def _checked(path: Path) -> dict[str, Any]:
    """What the file says besides its tensors, once it is proven to be what was written.

    Raises:
        ValueError: That says whether the file is another one, newer, truncated, or corrupted.
    """
    size, head = path.stat().st_size, _head(path)
    try:
        header = json.loads(head[8:])
        metadata = header.pop("__metadata__")
        signature, facts = metadata["sha256"], json.loads(metadata[_FACTS])
        its_format = int(facts["format"])
        whole = len(head) + max(int(tensor["data_offsets"][1]) for tensor in header.values())
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise ValueError(
            f"{path} is not a file that Recipe.save wrote, or its beginning is damaged ({size} bytes); "
            "save the recipe again"
        ) from None
    if its_format > FORMAT:
        raise ValueError(
            f"{path} was written by torchsmote {facts.get('torchsmote')} in format {its_format}; this "
            f"version reads up to {FORMAT}: update torchsmote, or save the recipe with this version"
        )
    if size < whole:
        raise ValueError(f"{path} is truncated: {size} of {whole} bytes are there; save the recipe again")
    blank = head.replace(str(signature).encode(), _BLANK.encode(), 1)
    if _digest_of(path, blank) != signature:
        raise ValueError(f"{path} is corrupted: its bytes do not have its checksum; save the recipe again")
    return dict(facts)


def _head(path: Path) -> bytes:
    """The length and the header of a safetensors file, as far as they are there."""
    with path.open("rb") as file:
        length = file.read(8)
        return length + file.read(min(int.from_bytes(length, "little"), _LONGEST_HEADER))


def _digest_of(path: Path, head: bytes) -> str:
    """SHA-256 of ``head`` and of what follows it in the file."""
    rest: NDArray[np.uint8] = np.zeros(0, dtype=np.uint8)
    if path.stat().st_size > len(head):
        rest = np.memmap(path, np.uint8, "r", offset=len(head))
    return digest([np.frombuffer(head, np.uint8), rest])
