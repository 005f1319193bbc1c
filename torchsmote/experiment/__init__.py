"""The demo's experiment: one network, one table, several ways to treat the imbalance, the same budget."""

from __future__ import annotations

from ..evaluate.networks.mlp import TabularMLP
from .demo import Outcome, run_demo
from .methods import METHODS, Method, Plan
from .options import add_settings, read_settings
from .settings import PRESETS, Settings
from .tables import Part

__all__ = [
    "METHODS",
    "PRESETS",
    "Method",
    "Outcome",
    "Part",
    "Plan",
    "Settings",
    "TabularMLP",
    "add_settings",
    "read_settings",
    "run_demo",
]
