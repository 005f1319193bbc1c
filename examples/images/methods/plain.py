"""The plain network, and what is done with it after its training."""

from __future__ import annotations

from ..training import Predictor, Trainer

__all__ = ["plain", "prior_corrected"]


def plain(run: Trainer) -> Predictor:
    """Nothing is done about the imbalance."""
    return run.plain()


def prior_corrected(run: Trainer) -> Predictor:
    """The plain network; from each logit the log of the class's share in training is taken.

    With several classes this is what tuning the threshold is with two. Menon et al., ICLR 2021 (post hoc).
    """
    model, log_prior = run.plain(), (run.counts / run.counts.sum()).log()
    return lambda images: model(images) - log_prior
