"""Ways that add synthetic embeddings to a batch, between the network's body and its head."""

from __future__ import annotations

from torchsmote import EOS, SMOTE, EmbeddingSMOTE

from ..training import Predictor, Trainer

__all__ = [
    "bank_embedding_smote",
    "deferred_embedding_eos",
    "deferred_embedding_smote",
    "embedding_eos",
    "embedding_smote",
]


def embedding_smote(run: Trainer) -> Predictor:
    """SMOTE between the embeddings of a batch, from the first step."""
    return run.train(between=_layer(run))


def embedding_eos(run: Trainer) -> Predictor:
    """EOS between the embeddings of a batch: towards the nearest enemies."""
    return run.train(between=_layer(run, EOS()))


def deferred_embedding_smote(run: Trainer) -> Predictor:
    """SMOTE between the embeddings of a batch, late in training: a raw network has no embedding yet."""
    return run.train(between=_layer(run, start_epoch=run.start_epoch()))


def deferred_embedding_eos(run: Trainer) -> Predictor:
    """EOS between the embeddings of a batch, late in training."""
    return run.train(between=_layer(run, EOS(), start_epoch=run.start_epoch()))


def bank_embedding_smote(run: Trainer) -> Predictor:
    """SMOTE between embeddings of this batch and of earlier ones (FeatureBank), late in training."""
    bank = run.settings.bank_size
    return run.train(between=_layer(run, start_epoch=run.start_epoch(), bank_size=bank))


def _layer(
    run: Trainer, resampler: SMOTE | EOS | None = None, *, start_epoch: int = 0, bank_size: int = 0
) -> EmbeddingSMOTE:
    """As many synthetic embeddings a batch as would make all classes as large, over an epoch."""
    missing = int((run.counts.max() - run.counts).sum())
    return EmbeddingSMOTE(
        run.num_classes,
        resampler,
        ratio=missing / len(run.y),
        class_counts=run.counts,
        bank_size=bank_size,
        start_epoch=start_epoch,
        seed=run.seed,
    )
