"""What users import: a checked-in list, each name documented by an example that runs, and typed."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

import torchsmote

NAMES = Path(__file__).with_name("public_names.txt").read_text(encoding="utf-8").split()
CALLABLES = [
    name
    for name in NAMES
    if not inspect.ismodule(value := getattr(torchsmote, name, None))
    and not (inspect.isclass(value) and issubclass(value, BaseException))
]


def test_the_public_names_are_the_listed_ones_in_order():
    assert list(torchsmote.__all__) == sorted(torchsmote.__all__)
    assert sorted(torchsmote.__all__) == NAMES  # a change of the public face shows in a diff of the list


@pytest.mark.parametrize("name", NAMES)
def test_name_is_importable_and_documented(name):
    assert inspect.getdoc(getattr(torchsmote, name))


@pytest.mark.parametrize("name", CALLABLES)
def test_name_has_an_example(name):
    value = getattr(torchsmote, name)
    assert ">>>" in (vars(value).get("__doc__") if inspect.isclass(value) else value.__doc__)


@pytest.mark.parametrize("name", CALLABLES)
def test_name_has_a_typed_signature(name):
    signature = inspect.signature(getattr(torchsmote, name))
    assert not [p.name for p in signature.parameters.values() if p.annotation is p.empty]
    if inspect.isfunction(getattr(torchsmote, name)):
        assert signature.return_annotation is not signature.empty
