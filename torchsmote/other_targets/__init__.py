"""Over-samplers for targets that are not one class a row: several labels at once, or a continuous y."""

from .mlsmote import MLSMOTE
from .relevance import Relevance
from .smogn import SMOGN
from .smoter import SMOTER

__all__ = ["MLSMOTE", "Relevance", "SMOGN", "SMOTER"]
