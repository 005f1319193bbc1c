"""The plain network, and what is done after its training: to its logits, or to its head."""

from __future__ import annotations

from torch.utils.data import DataLoader, TensorDataset

from torchsmote import retrain_head, tau_normalize

from ..training import Predictor, Trainer, few_images

__all__ = ["head_crt", "head_eos", "head_lws", "head_smote", "head_tau", "plain", "prior_corrected"]


def plain(run: Trainer) -> Predictor:
    """Nothing is done about the imbalance."""
    return run.plain()


def prior_corrected(run: Trainer) -> Predictor:
    """From each logit the log of the class's share in training is taken.

    With several classes this is what tuning the threshold is with two. Menon et al., ICLR 2021 (post hoc).
    """
    model, log_prior = run.plain(), (run.counts / run.counts.sum()).log()
    return lambda images: model(images) - log_prior


def head_crt(run: Trainer) -> Predictor:
    """A fresh head, trained with as many images of each class. Kang et al., ICLR 2020, and the next two."""
    return _retrained(run, "crt")


def head_lws(run: Trainer) -> Predictor:
    """A factor for each class is learned, with as many images of each."""
    return _retrained(run, "lws")


def head_tau(run: Trainer) -> Predictor:
    """The weights of a class over a power of their length: that which is best on validation images."""
    return max((tau_normalize(run.plain(), tenths / 10) for tenths in range(11)), key=run.validated)


def head_smote(run: Trainer) -> Predictor:
    """A fresh head, trained on embeddings that SMOTE has balanced."""
    return _retrained(run, "smote")


def head_eos(run: Trainer) -> Predictor:
    """A fresh head, trained on embeddings that EOS has balanced. Dablain et al., arXiv 2207.06080."""
    return _retrained(run, "eos")


def _retrained(run: Trainer, method: str) -> Predictor:
    model, images = run.plain(), DataLoader(TensorDataset(run.x, run.y), batch_size=256)
    with few_images():
        retrain_head(
            model, images, method=method, epochs=run.settings.head_epochs, seed=run.seed, progress=False
        )
    return model
