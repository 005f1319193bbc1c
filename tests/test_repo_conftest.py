"""The shared fixtures must be able to fail."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]
ROOT_CONFTEST = Path(__file__).parents[1] / "conftest.py"


@pytest.fixture
def inner(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makeconftest(ROOT_CONFTEST.read_text(encoding="utf-8"))
    pytester.makeini("[pytest]\nmarkers = global_rng: allowed")
    return pytester


@pytest.mark.parametrize(
    ("library", "draw"),
    [("random", "random.random()"), ("numpy", "np.random.rand()"), ("torch", "torch.rand(1)")],
)
def test_a_draw_from_the_global_state_is_an_error(inner, library, draw):
    inner.makepyfile(f"""
        import random, pytest, torch, numpy as np
        def test_draws(): {draw}
        @pytest.mark.global_rng
        def test_may_draw(): {draw}
        def test_own(): random.Random(0).random(), torch.Generator().manual_seed(0)
    """)
    result = inner.runpytest()
    result.assert_outcomes(passed=3, errors=1)
    result.stdout.fnmatch_lines([f"*global random state of {library} changed*"])


def test_a_doctest_without_a_seed_is_caught(inner):
    inner.makepyfile(
        module='''
        """
        >>> import torch
        >>> _ = torch.get_rng_state()
        >>> torch.rand(1).item() == 0.49625658988952637
        True
        """
    '''
    )
    result = inner.runpytest("--doctest-modules", "module.py")
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_device_is_cpu_always_and_cuda_in_plain_sight(inner):
    inner.makeconftest((Path(__file__).with_name("conftest.py")).read_text(encoding="utf-8"))
    inner.makepyfile("def test_it(device): pass")
    result = inner.runpytest("-rA", "-v")
    outcomes = result.parseoutcomes()
    assert outcomes.get("passed", 0) + outcomes.get("skipped", 0) == 2, outcomes
    result.stdout.fnmatch_lines(["*test_it?cpu? PASSED*", "*test_it?cuda? *"])
