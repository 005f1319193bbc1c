"""Fixtures of every test and doctest: none may disturb the global random state."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch


def global_states() -> dict[str, Any]:
    """The state of each global generator, by the name of its library."""
    states: dict[str, Any] = {
        "random": random.getstate(),
        "numpy": np.random.get_state(),
        "torch": torch.get_rng_state(),
    }
    if torch.cuda.is_available():
        states["torch.cuda"] = torch.cuda.get_rng_state()
    return states


def restore(states: dict[str, Any]) -> None:
    """Put every global generator back."""
    random.setstate(states["random"])
    np.random.set_state(states["numpy"])
    torch.set_rng_state(states["torch"])
    if "torch.cuda" in states:
        torch.cuda.set_rng_state(states["torch.cuda"])


def differing(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """The libraries whose state is not what it was."""
    return [name for name in before if _plain(before[name]) != _plain(after[name])]


def _plain(state: Any) -> Any:
    """A state that ``==`` can compare: arrays and tensors as lists."""
    if isinstance(state, tuple):
        return [_plain(part) for part in state]
    return state.tolist() if hasattr(state, "tolist") else state


@pytest.fixture(autouse=True)
def _global_rng_is_untouched(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that moves the global random state; ``@pytest.mark.global_rng`` allows it to."""
    found = global_states()
    if isinstance(request.node, pytest.DoctestItem):
        # From a state nobody knows, an example that forgot its seed cannot show the same numbers twice.
        fresh = int.from_bytes(os.urandom(4), "little")
        random.seed(fresh)
        np.random.seed(fresh)
        torch.manual_seed(fresh)
    before = global_states()
    yield
    moved = differing(before, global_states())
    restore(found)
    if moved and request.node.get_closest_marker("global_rng") is None:
        pytest.fail(
            f"the global random state of {', '.join(moved)} changed: give every call a generator or seed of "
            "its own, or mark the test `@pytest.mark.global_rng` if other code draws from it"
        )
