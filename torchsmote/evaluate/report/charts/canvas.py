"""One drawing, from empty axes to the bytes of an SVG file."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import Any

from ....extras import import_extra
from ..page import Figure

__all__ = ["GREY", "draw", "legend", "write"]

GREY = "#767676"
_WIDTH = 4.3  # inches; as wide as a phone, so that 9 points stay 9 points there

_DPI = 120  # of dots, which are pixels in the SVG: thousands of them would be a long file
_LOCK = Lock()
# Of matplotlib's settings, those of drawing; not its backend, windows and files.
_ROOMS = {"axes", "date", "errorbar", "figure", "font", "grid", "hatch", "legend", "lines", "markers"}
_ROOMS |= {
    "mathtext",
    "patch",
    "path",
    "savefig",
    "scatter",
    "svg",
    "text",
    "xaxis",
    "xtick",
    "yaxis",
    "ytick",
}
_OWN = {
    "font.size": 9.0,
    "axes.titlesize": 10.0,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "legend.frameon": False,
    "svg.fonttype": "none",  # text stays text: the browser has the letters of more scripts than one font
    "svg.hashsalt": "torchsmote",  # the same page, the same bytes
}


def draw(
    paint: Callable[[Any, Any], None],
    *,
    height: float,
    title: str,
    alt: str,
    caption: str,
) -> Figure:
    """Let ``paint(figure, axes)`` draw on empty axes, and keep the picture.

    Args:
        paint: Gets a matplotlib Figure and its only Axes.
        height: In inches.
        title: Above the axes.
        alt: See `Figure`.
        caption: See `Figure`.

    Raises:
        ImportError: If matplotlib is missing (extra ``report``).
    """
    file = io.BytesIO()
    with _plain_settings():
        figure = import_extra("matplotlib.figure", "report").Figure(
            figsize=(_WIDTH, height), layout="constrained", dpi=_DPI
        )
        import_extra("matplotlib.backends.backend_svg", "report").FigureCanvasSVG(figure)
        axes = figure.add_subplot()
        axes.set_title(title, parse_math=False)
        paint(figure, axes)
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    return Figure(file.getvalue(), "svg", round(_WIDTH * 96), round(height * 96), alt, caption)


def write(axes: Any, x: float, y: float, text: str, **options: Any) -> None:
    """Text that is no formula, whatever it holds."""
    axes.text(x, y, text, parse_math=False, **options)


def legend(
    figure: Any, handles: Sequence[Any], names: Sequence[str], *, longest: int = 25, **options: Any
) -> None:
    """A legend below the axes, in two columns unless a name is longer than ``longest``; any name will do."""
    wide = max(map(len, names)) > longest or len(names) == 1
    made = figure.legend(
        handles, ["name"] * len(names), loc="outside lower left", ncols=1 if wide else 2, **options
    )
    for text, name in zip(made.get_texts(), names, strict=True):
        text.set_parse_math(False)
        text.set_text(name)


@contextmanager
def _plain_settings() -> Iterator[None]:
    """Matplotlib's own defaults and ours, for this drawing only.

    Its settings belong to the process and have no other door: a user's style, or ``text.usetex`` (which runs
    TeX on labels), would get into the page. They are put back; two pages are not drawn at once.
    """
    matplotlib = import_extra("matplotlib", "report")
    defaults = {
        key: value for key, value in matplotlib.rcParamsDefault.items() if key.partition(".")[0] in _ROOMS
    }
    with _LOCK, warnings.catch_warnings():
        # Only measured with the font that lacks them; the browser draws them with another.
        warnings.filterwarnings("ignore", message="Glyph .* missing", category=UserWarning)
        warnings.filterwarnings(
            "ignore", message="Matplotlib currently does not support", category=UserWarning
        )
        with matplotlib.rc_context(defaults | _OWN):
            yield
