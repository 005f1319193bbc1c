"""A table of which each rank holds some rows: what ranks must know of one another, and rows of any rank."""

from __future__ import annotations

import hashlib
import pickle
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..devices import resolve_device
from ..neighbors.engine import check_backend
from ..neighbors.faiss_index import KINDS
from ..neighbors.labels import label_codes
from ..neighbors.scaling import Extent
from ..process_group import Ranks, check_same
from ..streamed.methods import check_method
from ..table_reading import check_shape, read_table
from ..tables import Table
from ..targets import Targets, check_several, distinct

__all__ = ["Shards"]

SPREAD = "a table that is spread over ranks"


class _AllLabels(Targets):
    """Labels of all ranks; one by one they are made only for a function that asks for them."""

    def __init__(self, classes: NDArray[Any], codes: NDArray[Any], counts: tuple[int, ...]) -> None:
        for name, value in (("classes", classes), ("codes", codes), ("counts", counts)):
            object.__setattr__(self, name, value)

    @property
    def labels(self) -> NDArray[Any]:
        labels: NDArray[Any] = self.classes[self.codes]
        return labels


class _Fact(NamedTuple):
    """What a rank tells the others of its rows: what must be the same, and what is added up."""

    same: dict[str, Any]
    n_rows: int
    extent: Extent
    classes: NDArray[Any]


@dataclass(frozen=True, eq=False)
class Shards:
    """A table over ranks; its rows are numbered in the order of ranks.

    Attributes:
        ranks: The ranks.
        table: The rows of this one.
        counts: How many rows each has.
        extent: Of all rows.
        targets: The labels of all rows.
    """

    ranks: Ranks
    table: Table
    counts: list[int]
    extent: Extent
    targets: Targets

    @classmethod
    def read(cls, ranks: Ranks, resampler: Any, X: Any, y: Any) -> Shards:
        """Check what each rank was given, and tell all ranks of all labels.

        Args:
            ranks: The ranks.
            resampler: What is to be fitted.
            X: This rank's rows, a tensor or numpy array of numbers.
            y: Their labels, shape (n,).

        Raises:
            ValueError: On all ranks, if ranks disagree, one has no row, or one found an error.
            TypeError: The same, where that is the error.
        """
        (table, codes), told = ranks.agree(lambda: _looked_at(ranks, resampler, X, y))
        check_same([fact.same for fact in told])
        extent = Extent()
        for fact in told:
            extent |= fact.extent
        counts = [fact.n_rows for fact in told]
        own = [fact.classes for fact in told]
        numbers = label_codes([(f"y of rank {rank}", some, len(some)) for rank, some in enumerate(own)])
        classes = np.unique(np.concatenate(own))
        check_several(classes)
        whole = ranks.gather(_smallest(numbers[ranks.rank][codes], len(classes), table.rows.device), counts)
        every = whole.cpu()
        sizes = tuple(every.bincount(minlength=len(classes)).tolist())  # numpy's would need 8 bytes a row
        return cls(ranks, table, counts, extent, _AllLabels(classes, every.numpy(), sizes))

    @cached_property
    def ends(self) -> list[int]:
        """The number after each rank's last row."""
        return list(accumulate(self.counts))

    @property
    def n_rows(self) -> int:
        """How many rows all ranks have."""
        return self.ends[-1]

    @property
    def own(self) -> tuple[int, int]:
        """The number of this rank's first row, and the one after its last."""
        end = self.ends[self.ranks.rank]
        return end - self.counts[self.ranks.rank], end

    def counts_among(self, numbers: Tensor) -> list[int]:
        """How many of these rows of the table, int64, ascending, each rank has."""
        ends = torch.tensor([0, *self.ends], device=numbers.device)
        counts: list[int] = torch.searchsorted(numbers, ends).diff().tolist()
        return counts

    def take(self, rows: Tensor, numbers: Tensor) -> Tensor:
        """Rows of any ranks, shape (m, d); all ranks call it, each for the rows it needs.

        Args:
            rows: What this rank gives of its own rows, shape (n, d).
            numbers: Which rows of the table, int64, ascending, shape (m,).
        """
        asked, sizes = self.ranks.exchange(numbers, self.counts_among(numbers))
        given, _ = self.ranks.exchange(rows.index_select(0, asked - self.own[0]), sizes)
        return given


def _looked_at(ranks: Ranks, resampler: Any, X: Any, y: Any) -> tuple[tuple[Table, Tensor], _Fact]:
    """The table and the codes of this rank, and what the others have to know."""
    check_method(resampler, X, SPREAD)
    if resampler.backend in KINDS:
        raise ValueError(
            f"`backend`={resampler.backend!r} is approximate, which a search over ranks is not; pass 'auto'"
        )
    if not isinstance(X, Tensor | np.ndarray):
        raise TypeError(f"`X` must be this rank's rows as a tensor or array, got {type(X).__name__}")
    table = _table(resampler, X)
    ranks.check_device(table.rows.device)
    check_backend(resampler.backend, table.rows.device)  # a rank that searches nothing would not find out
    labels, classes, codes = distinct(y)
    if len(labels) != len(X):
        raise ValueError(f"`X` has {len(X)} rows but `y` has {len(labels)} labels; they must match")
    kind = getattr(y, "dtype", type(y).__name__)
    same = {
        "resampler": type(resampler).__name__,
        **_arguments(resampler),
        "type of X": type(X).__name__,
        "dtype of X": X.dtype,
        "shape of a row of X": tuple(X.shape[1:]),
        "type of y": type(y).__name__,
        "dtype of y": "strings" if getattr(kind, "kind", "") in ("U", "S") else kind,
        "device": table.rows.device.type,
    }
    is_searched = resampler.variant.relation != "none"
    extent = Extent.of(table.rows, "X") if is_searched else Extent()
    return (table, torch.from_numpy(codes)), _Fact(same, len(X), extent, classes)


def _table(resampler: Any, X: Tensor | NDArray[Any]) -> Table:
    """The rows as they are compared and mixed; of a method that repeats them, as they are."""
    if resampler.variant.relation != "none":
        return read_table(X, resampler.device)
    values = torch.as_tensor(X).detach()
    check_shape(tuple(values.shape))
    return Table(X, values.flatten(1).to(resolve_device(resampler.device, values.device)), values.dtype)


def _smallest(codes: Tensor, n_classes: int, device: torch.device) -> Tensor:
    """Codes in as few bytes as they need, for the way and for the memory of every rank."""
    dtype = torch.int8 if n_classes < 2**7 else torch.int16 if n_classes < 2**15 else torch.int32
    return codes.to(dtype).to(device)


def _arguments(resampler: Any) -> dict[str, str]:
    """The resampler's arguments, in words that are the same where they are; a stream by its state."""
    arguments = resampler.get_params(deep=False)
    del arguments["device"]  # ranks of one machine have devices of their own
    state = arguments["random_state"]
    if isinstance(state, torch.Generator):
        arguments["random_state"] = f"a Generator in state {_digest(state.get_state().numpy().tobytes())}"
    elif isinstance(state, np.random.RandomState):
        arguments["random_state"] = f"a RandomState in state {_digest(pickle.dumps(state.get_state()))}"
    return {name: getattr(value, "__qualname__", None) or str(value) for name, value in arguments.items()}


def _digest(state: bytes) -> str:
    return hashlib.sha256(state).hexdigest()[:8]
