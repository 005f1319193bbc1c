"""Ways that blend the images of a batch, and their labels. Settings are the defaults of the papers."""

from __future__ import annotations

from torchsmote import BalancedMixUp, MAMix, MixUp, Remix, SMOTEMixUp

from ..training import Predictor, Trainer

__all__ = ["balanced_mixup", "mamix", "mixup", "remix", "smote_mixup"]


def mixup(run: Trainer) -> Predictor:
    """Each image is blended with another of the batch, and its label alike."""
    return run.train(mix=MixUp(num_classes=run.num_classes, seed=run.seed))


def remix(run: Trainer) -> Predictor:
    """MixUp whose label goes to the much rarer class."""
    return run.train(mix=Remix(num_classes=run.num_classes, class_counts=run.counts, seed=run.seed))


def mamix(run: Trainer) -> Predictor:
    """MixUp whose label changes sides nearer to the more frequent class."""
    return run.train(mix=MAMix(num_classes=run.num_classes, class_counts=run.counts, seed=run.seed))


def balanced_mixup(run: Trainer) -> Predictor:
    """MixUp whose partners come from every class alike."""
    return run.train(mix=BalancedMixUp(num_classes=run.num_classes, seed=run.seed))


def smote_mixup(run: Trainer) -> Predictor:
    """MixUp whose partners are near in pixels."""
    return run.train(mix=SMOTEMixUp(num_classes=run.num_classes, seed=run.seed))
