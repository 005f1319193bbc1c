"""The ways to train: each is a function of a few lines, from a Trainer to what turns images into logits.

They share network, initial weights, optimiser, schedule, steps and batch size. What one adds is in its
function; everything that is not said there is a default of the paper it names.
"""

from __future__ import annotations

from collections.abc import Callable

from ..training import Predictor, Trainer
from .embeddings import (
    bank_embedding_smote,
    deferred_embedding_eos,
    deferred_embedding_smote,
    embedding_eos,
    embedding_smote,
)
from .losses import (
    class_balanced_loss,
    class_weights,
    deferred_class_weights,
    focal_loss,
    ldam_loss,
    ldam_loss_deferred_weights,
    logit_adjusted_loss,
)
from .mixing import balanced_mixup, mamix, mixup, remix, smote_mixup
from .pixels import deep_smote, deep_smote_reference, random_over_sampling, smote_pixels
from .plain import head_crt, head_eos, head_lws, head_smote, head_tau, plain, prior_corrected

__all__ = ["METHODS", "Method"]

Method = Callable[[Trainer], Predictor]

# One line for each way to train, in the table's order; a new one is a function in a module here, and a line.
METHODS: dict[str, Method] = {
    "plain": plain,
    "plain (prior-corrected)": prior_corrected,
    "class weights": class_weights,
    "class weights (deferred)": deferred_class_weights,
    "random over-sampling": random_over_sampling,
    "SMOTE in pixels": smote_pixels,
    "DeepSMOTE": deep_smote,
    "DeepSMOTE (reference)": deep_smote_reference,
    "EmbeddingSMOTE": embedding_smote,
    "EmbeddingSMOTE (EOS)": embedding_eos,
    "EmbeddingSMOTE (deferred)": deferred_embedding_smote,
    "EmbeddingSMOTE (EOS deferred)": deferred_embedding_eos,
    "EmbeddingSMOTE (deferred bank)": bank_embedding_smote,
    "head cRT": head_crt,
    "head LWS": head_lws,
    "head tau": head_tau,
    "head SMOTE": head_smote,
    "head EOS": head_eos,
    "MixUp": mixup,
    "Remix": remix,
    "MAMix": mamix,
    "BalancedMixUp": balanced_mixup,
    "SMOTEMixUp": smote_mixup,
    "class-balanced loss": class_balanced_loss,
    "logit-adjusted loss": logit_adjusted_loss,
    "focal loss": focal_loss,
    "LDAM loss": ldam_loss,
    "LDAM-DRW loss": ldam_loss_deferred_weights,
}
