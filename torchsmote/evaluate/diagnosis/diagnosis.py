"""Diagnosis: an examination that can be read on a page."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from ..report.write import write_page
from .examination import Examination
from .page import diagnosis_page

__all__ = ["Diagnosis"]


@dataclass(frozen=True, repr=False)
class Diagnosis(Examination):
    """What `diagnose` returns: the findings, the recommendation, and ways to show them.

    ``print(diagnosis)`` is text of 80 columns, ``to_dict()`` strict JSON.
    """

    def __repr__(self) -> str:
        return str(self)

    def report(self, path: str | os.PathLike[str]) -> Path:
        """Write one HTML page that needs no network: what to do, findings, classes, rows, settings.

        Text that comes from the table is escaped. The page carries ``to_dict()`` as JSON.

        Args:
            path: The file, .html by custom; an old one is overwritten, whole or not at all, and its folder is
                made where missing.

        Returns:
            The path.

        Raises:
            ImportError: If jinja2 or matplotlib is missing (extra ``report``).
            TypeError: If ``path`` is no path.
            ValueError: If it is a folder.
        """
        return write_page(diagnosis_page(self), path)
