"""The ways to train: each is a function from a Trainer to something that turns images into logits.

They share network, initial weights, optimiser, schedule, steps and batch size. What one adds is in its
function; everything that is not said there is a default of the paper it names.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

from torch import Tensor, nn
from torch.utils.data import TensorDataset

from torchsmote import (
    EOS,
    SMOTE,
    EmbeddingSMOTE,
    FewSamplesWarning,
    RandomOverSampler,
    SMOTEDataset,
    TensorLoader,
)

from .training import Trainer

__all__ = ["METHODS", "Method", "Predictor"]

Predictor = Callable[[Tensor], Tensor]  # images (n, 1, side, side) -> logits (n, num_classes)
Method = Callable[[Trainer], Predictor]


def plain(run: Trainer) -> Predictor:
    """Nothing is done about the imbalance."""
    return run.plain()


def prior_corrected(run: Trainer) -> Predictor:
    """The plain network; from each logit the log of the class's share in training is taken.

    With several classes this is what tuning the threshold is with two. Menon et al., ICLR 2021 (post hoc).
    """
    model, log_prior = run.plain(), (run.counts / run.counts.sum()).log()
    return lambda images: model(images) - log_prior


def class_weights(run: Trainer) -> Predictor:
    """A row weighs n / (C n_c) in the loss."""
    return run.train(loss=nn.CrossEntropyLoss(_balanced(run)))


def deferred_class_weights(run: Trainer) -> Predictor:
    """The same weights, but only late in training (DRW). Cao et al., NeurIPS 2019."""
    return run.train(loss=_Deferred(nn.CrossEntropyLoss(_balanced(run)), run.start_epoch()))


def random_over_sampling(run: Trainer) -> Predictor:
    """Images of the smaller classes are repeated until all classes are as large."""
    return run.train(run.batches(*RandomOverSampler(random_state=run.seed).fit_resample(run.x, run.y)))


def smote_pixels(run: Trainer) -> Predictor:
    """SMOTE between images, fresh ones every epoch, until all classes are as large."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewSamplesWarning)  # the tail's classes use the images they have
        resampler = SMOTE(few_samples="shrink")
        dataset = SMOTEDataset(TensorDataset(run.x, run.y), resampler, seed=run.seed)
    return run.train(TensorLoader(dataset, run.settings.batch_size, drop_last=True, seed=run.seed))


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


# One line for each way to train, in the table's order; a new one is a function above and a line here.
METHODS: dict[str, Method] = {
    "plain": plain,
    "plain, prior-corrected": prior_corrected,
    "class weights": class_weights,
    "class weights, deferred": deferred_class_weights,
    "random over-sampling": random_over_sampling,
    "SMOTE in pixels": smote_pixels,
    "EmbeddingSMOTE": embedding_smote,
    "EmbeddingSMOTE, EOS": embedding_eos,
    "EmbeddingSMOTE, deferred": deferred_embedding_smote,
    "EmbeddingSMOTE, EOS, deferred": deferred_embedding_eos,
    "EmbeddingSMOTE, deferred, bank": bank_embedding_smote,
}


class _Deferred:
    """A plain loss before epoch ``start``, another from then on."""

    def __init__(self, loss: nn.Module, start: int) -> None:
        self.after, self.start = loss, start
        self.set_epoch(0)

    def set_epoch(self, epoch: int) -> None:
        self.now = self.after if epoch >= self.start else nn.CrossEntropyLoss()

    def __call__(self, logits: Tensor, target: Tensor) -> Tensor:
        loss: Tensor = self.now(logits, target)
        return loss


def _balanced(run: Trainer) -> Tensor:
    return run.counts.sum() / (run.num_classes * run.counts)


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
