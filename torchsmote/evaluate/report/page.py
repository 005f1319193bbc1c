"""What a page consists of, as plain data that knows nothing of where it comes from.

All text is plain text, and is escaped where the page is written. In running text, `backticks` in pairs make
code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

__all__ = [
    "Block",
    "Card",
    "Choice",
    "Code",
    "Details",
    "Figure",
    "Grid",
    "Links",
    "Matrix",
    "Page",
    "Paragraph",
    "Section",
    "Table",
]


@dataclass(frozen=True)
class Paragraph:
    """Running text."""

    text: str


@dataclass(frozen=True)
class Links:
    """A list of sources that the reader may open; the page itself loads nothing.

    Attributes:
        items: Text and address of each, https only.
    """

    items: Sequence[tuple[str, str]]

    def __post_init__(self) -> None:
        wrong = [address for _, address in self.items if not address.startswith("https://")]
        if wrong:
            raise ValueError(f"`items` of Links need https addresses, got {wrong[0]!r}")


@dataclass(frozen=True)
class Table:
    """A table whose first column names the rows; numbers are formatted already.

    Attributes:
        caption: What it shows.
        header: One text a column.
        rows: Texts, as many a row as ``header`` has.
        align: One letter a column: "l", or "r" for numbers, which are sorted as such.
    """

    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    align: str

    def __post_init__(self) -> None:
        widths = {len(self.header), len(self.align), *map(len, self.rows)}
        if len(widths) > 1:
            raise ValueError(f"a Table needs as many texts in each row as in `header`, got {sorted(widths)}")


@dataclass(frozen=True)
class Matrix:
    """Counts of one thing by another, shaded.

    Attributes:
        caption: What it shows.
        down: What the rows are.
        across: What the columns are.
        names: Of the rows and of the columns.
        cells: Texts, by row and column.
        shades: From 0 to 1, by row and column.
    """

    caption: str
    down: str
    across: str
    names: Sequence[str]
    cells: Sequence[Sequence[str]]
    shades: Sequence[Sequence[float]]


@dataclass(frozen=True)
class Figure:
    """A picture.

    Attributes:
        image: The file's bytes.
        kind: "svg" or "png".
        width: In pixels.
        height: In pixels.
        alt: What it shows, with the numbers, for those who do not see it.
        caption: What to look at.
    """

    image: bytes
    kind: Literal["svg", "png"]
    width: int
    height: int
    alt: str
    caption: str


@dataclass(frozen=True)
class Code:
    """Python to copy."""

    text: str
    label: str = "Python"


@dataclass(frozen=True)
class Card:
    """One finding.

    Attributes:
        severity: "info", "warning" or "problem".
        title: What was looked at.
        value: The number behind it; "" where there is none.
        message: What it means.
        action: What to do; "" for nothing.
        code: Python that does it; "" for none.
    """

    severity: Literal["info", "warning", "problem"]
    title: str
    value: str
    message: str
    action: str = ""
    code: str = ""


@dataclass(frozen=True)
class Grid:
    """Blocks side by side where there is room.

    Attributes:
        blocks: From the left.
        equal: Whether all are of one width; else each is as wide as it is.
    """

    blocks: Sequence[Block]
    equal: bool = True


@dataclass(frozen=True)
class Choice:
    """Blocks of which the reader sees one at a time; all of them on paper and without scripts.

    Attributes:
        label: What is chosen.
        options: Name and blocks of each.
        first: Position of the one shown first.
    """

    label: str
    options: Sequence[tuple[str, Sequence[Block]]]
    first: int = 0


@dataclass(frozen=True)
class Details:
    """Blocks that the reader opens."""

    summary: str
    blocks: Sequence[Block]


Block = Paragraph | Links | Table | Matrix | Figure | Code | Card | Grid | Choice | Details


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it."""

    heading: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Page:
    """One page.

    Attributes:
        title: Of the document.
        verdict: The answer, in one or two sentences.
        lead: What the answer rests on.
        sections: In reading order.
        data: Everything behind it, as strict JSON takes it; the page carries it.
    """

    title: str
    verdict: str
    lead: str
    sections: Sequence[Section]
    data: Any = None
