"""Over-sampling through an autoencoder: encode, over-sample the codes, decode."""

from .deep_smote import DeepSMOTE
from .latent_smote import LatentSMOTE

__all__ = ["DeepSMOTE", "LatentSMOTE"]
