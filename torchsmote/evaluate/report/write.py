"""Write a page into one HTML file that loads nothing: styles, script, pictures and data are in it."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from importlib.resources import files
from itertools import count
from pathlib import Path
from typing import Any

from ...extras import import_extra
from ...whole_files import replacing
from .page import Figure, Page
from .plain_text import printable

__all__ = ["html", "write_page"]

_SHADES = 10  # steps of a matrix's colour, each a class in page.css


def write_page(page: Page, path: str | os.PathLike[str]) -> Path:
    """Write the page; the file is replaced whole, or not at all.

    Args:
        page: What to write.
        path: The file, .html by custom; its folder is made where missing, and an old file is overwritten.

    Returns:
        The path.

    Raises:
        TypeError: If ``path`` is no path.
        ValueError: If it is a folder.
        ImportError: If jinja2 is missing (extra ``report``).
    """
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"`path` must be the name of a file, got {type(path).__name__}; try 'report.html'")
    target = Path(path)
    if target.is_dir():
        raise ValueError(f"`path` is a folder ({str(path)!r}); name a file in it, such as report.html")
    text = html(page)  # before the disk is touched
    with replacing(target) as partial:
        partial.write_text(text, encoding="utf-8", newline="\n")
    return target


def html(page: Page) -> str:
    """The page as text; the same page gives the same text.

    Raises:
        ImportError: If jinja2 is missing (extra ``report``).
    """
    jinja2 = import_extra("jinja2", "report")
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_own_file),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_finalized,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"kind": _kind, "shade": _shade, "data_uri": _data_uri}
    css, script = _own_file("page.css"), _own_file("page.js")
    numbers = count(1)
    return str(
        environment.get_template("page.html.jinja").render(
            page=page,
            css=css,
            script=script,
            policy=_policy(css, script),
            data=_json_in_html(page.data),
            new_id=lambda: f"part-{next(numbers)}",
        )
    )


def _own_file(name: str) -> str:
    return files(__package__ or "").joinpath(name).read_text(encoding="utf-8")


def _finalized(value: Any) -> Any:
    return printable(value) if isinstance(value, str) else value


def _kind(block: Any) -> str:
    return type(block).__name__.lower()


def _shade(share: float) -> int:
    return round(share * (_SHADES - 1))


def _data_uri(figure: Figure) -> str:
    kind = "svg+xml" if figure.kind == "svg" else "png"
    return f"data:image/{kind};base64,{base64.b64encode(figure.image).decode('ascii')}"


def _policy(css: str, script: str) -> str:
    """Nothing is loaded, and no style or script runs but our own."""
    styles, scripts = (base64.b64encode(hashlib.sha256(t.encode()).digest()).decode() for t in (css, script))
    return (
        f"default-src 'none'; img-src data:; style-src 'sha256-{styles}'; script-src 'sha256-{scripts}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _json_in_html(data: Any) -> str:
    """Strict JSON without any character that could end a script element or begin a comment in it."""
    text = json.dumps(data, allow_nan=False, separators=(",", ":"))  # ASCII, so U+2028 is escaped too
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
