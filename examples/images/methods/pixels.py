"""Ways that give the network further images of the smaller classes."""

from __future__ import annotations

import warnings

from torch.utils.data import TensorDataset

from torchsmote import SMOTE, FewSamplesWarning, RandomOverSampler, SMOTEDataset, TensorLoader

from ..training import Predictor, Trainer

__all__ = ["random_over_sampling", "smote_pixels"]


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
