"""Tables whose rows are spread over the processes of torch.distributed: the table door under torchrun.

Importing it lets the over-samplers take DTensors that are sharded by rows.
"""

from ..engines import register
from .dtensor import DTensorEngine
from .resampling import fit_resample, recipe

__all__ = ["fit_resample", "recipe"]

register(DTensorEngine())
