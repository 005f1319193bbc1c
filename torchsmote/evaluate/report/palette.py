"""Colours, line styles and markers that readers with any colour vision tell apart, in print too."""

from __future__ import annotations

from typing import Any

__all__ = ["COLORS", "MARKERS", "STYLES"]

# Okabe and Ito, "Color universal design", 2008.
COLORS: tuple[str, ...] = ("#000000", "#E69F00", "#56B4E9", "#009E73", "#D55E00", "#CC79A7", "#0072B2")
STYLES: tuple[Any, ...] = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)))
MARKERS: tuple[str, ...] = ("o", "s", "^", "D", "v", "P", "X")
