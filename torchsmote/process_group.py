"""The processes of a torch.distributed group: what each found, and rows that travel between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, TypeVar

import torch
from torch import Tensor, distributed

__all__ = ["Ranks", "check_same"]

Own = TypeVar("Own")
Fact = TypeVar("Fact")


@dataclass(frozen=True)
class Ranks:
    """A process group, seen from this process.

    All ranks call its methods in the same order. Rows travel as bytes, so in every dtype, over gloo and nccl.

    Attributes:
        group: The group.
        rank: This process's number in it.
        size: How many processes it has.
    """

    group: Any
    rank: int
    size: int

    @classmethod
    def of(cls, group: Any) -> Ranks:
        """The ranks of a group; None is the default one.

        Raises:
            ValueError: If torch.distributed was not initialized.
            TypeError: If it is no group, or one that this process is not in.
        """
        if not (distributed.is_available() and distributed.is_initialized()):
            raise ValueError(
                "`group` needs torch.distributed: start the script by torchrun and call "
                "torch.distributed.init_process_group() first"
            )
        group = distributed.group.WORLD if group is None else group
        if not isinstance(group, distributed.ProcessGroup):
            raise TypeError(
                f"`group` must be a process group that this process is in, got {type(group).__name__}; "
                "of a DeviceMesh give mesh.get_group()"
            )
        return cls(group, distributed.get_rank(group), distributed.get_world_size(group))

    def check_device(self, device: torch.device) -> None:
        """Raise unless the group's backend sends tensors of this device."""
        backend = distributed.get_backend(self.group)
        if (backend, device.type) in (("nccl", "cpu"), ("gloo", "cuda")):
            remedy = "move the rows to the GPU" if backend == "nccl" else "use a group with backend='nccl'"
            raise ValueError(f"`group` has backend {backend!r}, which sends no {device.type} rows; {remedy}")

    def told(self, value: Fact) -> list[Fact]:
        """What each rank says, in the order of ranks."""
        told: list[Any] = [None] * self.size
        distributed.all_gather_object(told, value, group=self.group)
        return told

    def agree(self, look: Callable[[], tuple[Own, Fact]]) -> tuple[Own, list[Fact]]:
        """Look at what this rank was given, and tell the others; an error of one rank is raised on all.

        Without it the other ranks would wait for a rank that has raised.

        Args:
            look: What this rank keeps, and what it tells; the latter must be picklable.

        Returns:
            What this rank keeps, and what all told.

        Raises:
            TypeError: If that is what ranks failed with; the message says which ranks, and why.
            ValueError: The same.
            RuntimeError: If it was another error.
        """
        kept: Any = None
        fact: Any = None
        failure = None
        try:
            kept, fact = look()
        except Exception as error:
            failure = error
        told = self.told((fact, None if failure is None else (_kind(failure), str(failure))))
        failures = {rank: why for rank, (_, why) in enumerate(told) if why is not None}
        if failures:
            raise _joint(failures, self.size) from failure
        return kept, [one for one, _ in told]

    def ring(self, tensors: Sequence[Tensor], counts: Sequence[int]) -> Iterator[tuple[int, list[Tensor]]]:
        """The rows of every rank, this one's first; the next come in while these are used.

        Needs two ranks' rows besides its own.

        Args:
            tensors: This rank's rows, one or more tensors of as many.
            counts: How many rows each rank has; the same on every rank.

        Yields:
            A rank, and its rows.
        """
        held, owner = [tensor.contiguous() for tensor in tensors], self.rank
        for step in range(self.size):
            coming: list[Tensor] = []
            pending: list[Any] = []
            if step < self.size - 1:
                before = counts[(owner - 1) % self.size]
                coming = [tensor.new_empty((before, *tensor.shape[1:])) for tensor in tensors]
                pending = self._pass_on(held, coming)
            yield owner, held
            for work in pending:
                work.wait()
            held, owner = coming, (owner - 1) % self.size

    def gather(self, rows: Tensor, counts: Sequence[int]) -> Tensor:
        """The rows of all ranks behind one another; each travels to each rank once, unpadded."""
        if self.size == 1:
            return rows
        whole = rows.new_empty((sum(counts), *rows.shape[1:]))
        ends = list(accumulate(counts))
        for owner, (part,) in self.ring([rows], counts):
            whole[ends[owner] - counts[owner] : ends[owner]] = part
        return whole

    def exchange(self, rows: Tensor, counts: Sequence[int]) -> tuple[Tensor, list[int]]:
        """Send rows to their ranks, and get those that others send here.

        Args:
            rows: Those for rank 0, then those for rank 1, and so on.
            counts: How many are for each rank.

        Returns:
            The rows received, by sender, and how many each sent.
        """
        if self.size == 1:
            return rows, list(counts)
        sent = torch.tensor(counts, dtype=torch.int64, device=rows.device)
        received = torch.empty_like(sent)
        distributed.all_to_all_single(received, sent, group=self.group)
        sizes: list[int] = received.tolist()
        into = rows.new_empty((sum(sizes), *rows.shape[1:]))
        distributed.all_to_all_single(_bytes(into), _bytes(rows), sizes, list(counts), group=self.group)
        return into, sizes

    def _pass_on(self, held: Sequence[Tensor], coming: Sequence[Tensor]) -> list[Any]:
        """Start to send what is held to the next rank, and to receive what the one before holds."""
        following, previous = (
            distributed.get_global_rank(self.group, (self.rank + step) % self.size) for step in (1, -1)
        )
        send = [(distributed.isend, tensor, following) for tensor in held]
        receive = [(distributed.irecv, tensor, previous) for tensor in coming]
        steps = [
            distributed.P2POp(call, _bytes(tensor), peer, self.group)
            for call, tensor, peer in send + receive
            if tensor.numel()
        ]
        return distributed.batch_isend_irecv(steps) if steps else []


def check_same(told: Sequence[Mapping[str, Any]]) -> None:
    """Raise unless all ranks told the same of everything.

    Raises:
        ValueError: That says which ranks have what.

    >>> check_same([{"k": 5}, {"k": 6}, {"k": 5}])
    Traceback (most recent call last):
    ValueError: ranks disagree about `k`: 5 on ranks 0 and 2, 6 on rank 1; pass the same on every rank
    """
    for name in told[0]:
        values: dict[str, list[int]] = {}
        for rank, facts in enumerate(told):
            values.setdefault(str(facts[name]), []).append(rank)
        if len(values) > 1:
            held = ", ".join(f"{value} on {_named(ranks)}" for value, ranks in values.items())
            raise ValueError(f"ranks disagree about `{name}`: {held}; pass the same on every rank")


def _bytes(rows: Tensor) -> Tensor:
    """Contiguous rows as bytes, in the same memory."""
    flat = rows.view(len(rows), -1) if rows.numel() else rows.reshape(len(rows), 1)[:0]
    return flat.view(torch.uint8)


def _kind(error: Exception) -> str:
    return next(
        (kind.__name__ for kind in (ValueError, TypeError) if isinstance(error, kind)), "RuntimeError"
    )


def _joint(failures: Mapping[int, tuple[str, str]], size: int) -> Exception:
    """One error for what ranks failed with, the same on every rank."""
    reasons: dict[str, list[int]] = {}
    for rank, (_, reason) in failures.items():
        reasons.setdefault(reason, []).append(rank)
    said = "; ".join(
        f"on {'every rank' if len(ranks) == size else _named(ranks)}: {reason}"
        for reason, ranks in reasons.items()
    )
    kinds = {kind for kind, _ in failures.values()}
    if "RuntimeError" in kinds:
        return RuntimeError(said)
    return TypeError(said) if kinds == {"TypeError"} else ValueError(said)


def _named(ranks: Sequence[int]) -> str:
    """Ranks in words: "rank 1", "ranks 0, 1 and 3"."""
    if len(ranks) == 1:
        return f"rank {ranks[0]}"
    return f"ranks {', '.join(map(str, ranks[:-1]))} and {ranks[-1]}"
