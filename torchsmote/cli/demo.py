"""``torchsmote demo``."""

from __future__ import annotations

import json
from collections.abc import Sequence

from ..experiment import add_settings, read_settings, run_demo
from ..extras import import_extra

__all__ = ["demo"]


def demo(words: Sequence[str]) -> int:
    """Train a network on a real imbalanced table in five ways, side by side."""
    parser = import_extra("jsonargparse").ArgumentParser(
        prog="torchsmote demo",
        description=f"{demo.__doc__} Options beat the YAML file, which beats the defaults.",
        exit_on_error=False,
    )
    parser.add_argument("--json", action="store_true", help="Print JSON instead of the table.")
    add_settings(parser)
    settings, parsed = read_settings(words, parser)
    outcome = run_demo(settings)
    print(json.dumps(outcome.to_dict(), indent=2, allow_nan=False) if parsed.json else outcome)
    return 0
