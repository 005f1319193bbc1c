"""Ways that give the network further images of the smaller classes, until all classes are as large."""

from __future__ import annotations

from torch.utils.data import TensorDataset

from torchsmote import SMOTE, DeepSMOTE, RandomOverSampler, SMOTEDataset, TensorLoader

from ..training import Predictor, Trainer, few_images

__all__ = ["deep_smote", "deep_smote_reference", "random_over_sampling", "smote_pixels"]


def random_over_sampling(run: Trainer) -> Predictor:
    """Images are repeated."""
    return run.train(run.batches(*RandomOverSampler(random_state=run.seed).fit_resample(run.x, run.y)))


def smote_pixels(run: Trainer) -> Predictor:
    """SMOTE between images, fresh ones every epoch."""
    with few_images():
        dataset = SMOTEDataset(TensorDataset(run.x, run.y), SMOTE(few_samples="shrink"), seed=run.seed)
    return run.train(TensorLoader(dataset, run.settings.batch_size, drop_last=True, seed=run.seed))


def deep_smote(run: Trainer) -> Predictor:
    """SMOTE between the codes of an autoencoder, decoded to images. Dablain et al., arXiv 2105.02340."""
    return _deep_smote(run, "paper")


def deep_smote_reference(run: Trainer) -> Predictor:
    """The same, with the penalty as the authors' code has it: the paper's draws rare images to their mean."""
    return _deep_smote(run, "reference")


def _deep_smote(run: Trainer, penalty: str) -> Predictor:
    deep = DeepSMOTE(
        resampler=SMOTE(few_samples="shrink"),
        epochs=run.settings.autoencoder_epochs,
        width=run.settings.autoencoder_width,
        penalty=penalty,
        seed=run.seed,
        progress=False,
    )
    with few_images():
        return run.train(run.batches(*deep.fit_resample(run.x, run.y)))
