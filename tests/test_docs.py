"""docs/variants.md: every public resampler has its place on the page, and its pictures exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import torchsmote

PAGE = Path(__file__).parents[1] / "docs" / "variants.md"
TEXT = PAGE.read_text(encoding="utf-8")
RESAMPLERS = [
    name
    for name in torchsmote.__all__
    if isinstance(value := getattr(torchsmote, name), type) and hasattr(value, "fit_resample")
]

# What a batch needs said: by default the number follows from the table.
ASKED_OF_A_BATCH = {"GaussianSMOTE": {"k_neighbors": 5}, "PolynomFitSMOTE": {"topology": "mesh"}}


@pytest.mark.parametrize("name", RESAMPLERS)
def test_every_resampler_has_a_heading(name):
    headings = " ".join(re.findall(r"^### (.*)$", TEXT, re.MULTILINE))
    assert re.search(rf"\b{name}\b", headings)


@pytest.mark.parametrize("name", RESAMPLERS)
def test_the_doors_on_the_page_are_those_of_the_class(name):
    heading = next(h for h in re.findall(r"^### (.*)$", TEXT, re.MULTILINE) if re.search(rf"\b{name}\b", h))
    doors = heading.partition("(")[2]
    assert bool(re.search(r"\bE\b", doors)) == _runs_in_a_batch(name)


def _runs_in_a_batch(name):
    try:
        torchsmote.EmbeddingSMOTE(2, getattr(torchsmote, name)(**ASKED_OF_A_BATCH.get(name, {})))
    except (TypeError, ValueError):
        return False
    return True


def test_pictures_exist():
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", TEXT)
    assert pictures
    for picture in pictures:
        assert (PAGE.parent / picture).is_file(), picture
