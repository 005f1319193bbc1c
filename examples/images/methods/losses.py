"""Ways that change the loss. Settings are the defaults of the papers."""

from __future__ import annotations

from torch import Tensor, nn

from torchsmote import FocalLoss, LDAMLoss, LogitAdjustedLoss, class_balanced_weights

from ..network import CosineHead
from ..training import Loss, Predictor, Trainer

__all__ = [
    "class_balanced_loss",
    "class_weights",
    "deferred_class_weights",
    "focal_loss",
    "ldam_loss",
    "ldam_loss_deferred_weights",
    "logit_adjusted_loss",
]


def class_weights(run: Trainer) -> Predictor:
    """A row weighs n / (C n_c) in the loss."""
    return run.train(loss=nn.CrossEntropyLoss(_balanced(run)))


def deferred_class_weights(run: Trainer) -> Predictor:
    """The same weights, but only late in training (DRW). Cao et al., NeurIPS 2019."""
    weighted = nn.CrossEntropyLoss(_balanced(run))
    return run.train(loss=_Deferred(nn.CrossEntropyLoss(), weighted, run.start_epoch()))


def class_balanced_loss(run: Trainer) -> Predictor:
    """Weights by the effective number of images."""
    return run.train(loss=nn.CrossEntropyLoss(class_balanced_weights(run.counts)))


def logit_adjusted_loss(run: Trainer) -> Predictor:
    """Logits are shifted by the log of the class's share, in training only."""
    return run.train(loss=LogitAdjustedLoss(run.counts))


def focal_loss(run: Trainer) -> Predictor:
    """Images that are told right already have less of a say."""
    return run.train(loss=FocalLoss())


def ldam_loss(run: Trainer) -> Predictor:
    """Rare classes must win by a wider margin; with the cosine head that the margins are meant for."""
    loss = LDAMLoss(run.counts)
    return _cosine(run, loss, loss.scale)


def ldam_loss_deferred_weights(run: Trainer) -> Predictor:
    """LDAM, with class weights late in training: LDAM-DRW."""
    loss, weighted = LDAMLoss(run.counts), LDAMLoss(run.counts, weight=class_balanced_weights(run.counts))
    return _cosine(run, _Deferred(loss, weighted, run.start_epoch()), loss.scale)


class _Deferred:
    """One loss before epoch ``start``, another from then on."""

    def __init__(self, before: Loss, after: Loss, start: int) -> None:
        self.before, self.after, self.start = before, after, start
        self.set_epoch(0)

    def set_epoch(self, epoch: int) -> None:
        self.now = self.after if epoch >= self.start else self.before

    def __call__(self, logits: Tensor, target: Tensor) -> Tensor:
        return self.now(logits, target)


def _balanced(run: Trainer) -> Tensor:
    return run.counts.sum() / (run.num_classes * run.counts)


def _cosine(run: Trainer, loss: Loss, scale: float) -> Predictor:
    """Logits with the scale that the loss gives the cosines in training."""
    model = run.train(loss=loss, head=CosineHead)
    return lambda images: scale * model(images)
