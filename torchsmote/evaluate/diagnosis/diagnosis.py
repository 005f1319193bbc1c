"""Diagnosis: an examination that can be read on a page."""

from __future__ import annotations

from dataclasses import dataclass

from .examination import Examination

__all__ = ["Diagnosis"]


@dataclass(frozen=True, repr=False)
class Diagnosis(Examination):
    """What `diagnose` returns: the findings, the recommendation, and ways to show them.

    ``print(diagnosis)`` is text of 80 columns, ``to_dict()`` strict JSON.
    """

    def __repr__(self) -> str:
        return str(self)
