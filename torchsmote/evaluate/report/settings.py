"""The last section of a page: how to get the same numbers again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .page import Block, Code, Paragraph, Section, Table

__all__ = ["settings_section"]


def settings_section(settings: Mapping[str, Any]) -> Section:
    """A table of all settings, those of mappings one by one, and the code.

    Args:
        settings: Texts, numbers, and mappings of them; "code" is Python.

    >>> settings_section({"arguments": {"seed": 0}, "code": "x = 1"}).blocks[1].rows
    [('arguments: seed', '0')]
    """
    blocks: list[Block] = [Paragraph("The same table, code and versions give the same page.")]
    rows = [row for name, value in settings.items() if name != "code" for row in _rows(name, value)]
    if rows:
        blocks.append(Table("Settings and versions", ["setting", "value"], rows, "ll"))
    if settings.get("code"):
        blocks.append(Code(str(settings["code"])))
    return Section("Do it again", blocks)


def _rows(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, own in value.items():
            yield from _rows(f"{name}: {key}", own)
    elif isinstance(value, (list, tuple)):
        yield name, ", ".join(str(own) for own in value)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield name, f"{value:,}"
    else:
        yield name, str(value)
