"""A version stands in more than one file: they must agree."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def pins(name: str) -> dict[str, str]:
    return dict(re.findall(r'^\s*"?([a-z][a-z-]*)==([\w.+]+)', text(name), re.MULTILINE))


def test_one_version_of_ruff():
    (hook,) = re.findall(r"rev: v([\d.]+)", text(".pre-commit-config.yaml"))
    assert hook == pins("constraints.txt")["ruff"] == pins("constraints-oldest.txt")["ruff"]


def test_exact_pins_of_the_project_are_those_of_the_constraints():
    exact = pins("pyproject.toml")
    assert exact  # imbalanced-learn, whose rows and tests are our reference, at the least
    assert exact.items() <= pins("constraints.txt").items()


def test_the_oldest_row_tests_the_promised_lower_bounds():
    promised = dict(re.findall(r'"([a-z][a-z-]*)(?:\[\w+\])?>=([\d.]+)"', text("pyproject.toml")))
    tools = {"setuptools", "pytest", "pytest-cov", "pytest-xdist", "hypothesis"}
    oldest = pins("constraints-oldest.txt")
    for package, bound in promised.items():
        if package not in tools:
            assert f"{oldest[package].removesuffix('+cpu')}.".startswith(f"{bound}."), package


def test_torch_is_a_cpu_build_on_linux():
    for name in ("constraints.txt", "constraints-oldest.txt"):
        (torch,) = re.findall(r'^torch==(\S+); sys_platform == "linux"$', text(name), re.MULTILINE)
        assert torch.endswith("+cpu")
