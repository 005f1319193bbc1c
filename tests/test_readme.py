"""Every ```python block of README.md and of the pages in docs runs.

A block runs alone, as a reader would paste it, unless its fence says ```python continue: then it goes on in
the names of the block before it. Nothing is skipped.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
PAGES = [README, *sorted((ROOT / "docs").glob("*.md"))]
_BLOCK = re.compile(r"^```python(?P<info>[^\n]*)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)


class Example(NamedTuple):
    line: int
    code: str  # with the blocks it continues, at their own line numbers


def examples(text: str) -> list[Example]:
    found: list[Example] = []
    for match in _BLOCK.finditer(text):
        info, code = match["info"].strip(), match["code"]
        assert info in ("", "continue"), f"unknown word after ```python: {info!r}"
        line = text.count("\n", 0, match.start("code")) + 1
        before = found[-1].code if info == "continue" else ""
        # Padded with empty lines, so that a traceback shows the page's own line.
        found.append(Example(line, before + "\n" * (line - 1 - before.count("\n")) + code))
    return found


def test_there_are_examples():
    assert examples(README.read_text(encoding="utf-8"))


@pytest.mark.global_rng  # a network's first weights and a DataLoader's seeds come from it
@pytest.mark.parametrize(
    ("page", "example"),
    [
        pytest.param(page, example, id=f"{page.name}-line{example.line}")
        for page in PAGES
        for example in examples(page.read_text(encoding="utf-8"))
    ],
)
def test_example_runs(page, example, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(compile(example.code, str(page), "exec"), {"__name__": "readme"})


def test_a_continued_block_sees_the_names_before_it_and_another_does_not():
    one, two, three = examples(
        "```python\na = 1\n```\n\n```python continue\nb = a\n```\n```python\nb = a\n```\n"
    )
    exec(two.code, {})
    with pytest.raises(NameError) as error:
        exec(compile(three.code, "README.md", "exec"), {})
    assert error.traceback[-1].lineno + 1 == three.line == 9
    assert one.line == 2
