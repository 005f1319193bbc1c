"""Fixtures of the tests: devices, a process group, and settings of hypothesis."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, settings
from torch import distributed

collect_ignore = ["imblearn_swap"]  # a plugin for imbalanced-learn's own tests, not a test

# No deadline: shared machines stall, and a slow example is not a wrong one. In CI the examples are the same
# in every run, so that a red build is the commit's doing; on a desk they differ, and find more.
settings.register_profile(
    "desk", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("ci", settings.get_profile("desk"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "desk")

_WITHOUT_CUDA = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")


@pytest.fixture(params=["cpu", pytest.param("cuda", marks=_WITHOUT_CUDA)])
def device(request: pytest.FixtureRequest) -> torch.device:
    """Each device the machine could have; the absent one is collected, and skipped in plain sight."""
    return torch.device(request.param)


@pytest.fixture
def alone() -> Iterator[Any]:
    """A process group of this process alone."""
    distributed.init_process_group("gloo", store=distributed.HashStore(), rank=0, world_size=1)
    yield distributed.group.WORLD
    distributed.destroy_process_group()
