"""SMOTECallback: the epoch of Transformers' Trainer, told to whatever makes synthetic rows in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .data import SMOTEDataset
from .extras import import_extra
from .nn import EmbeddingSMOTE

__all__ = ["SMOTECallback"]

TrainerCallback = import_extra("transformers", "trainers").TrainerCallback


class SMOTECallback(TrainerCallback):  # type: ignore[misc, valid-type]
    """Tells each epoch of a Transformers Trainer to its SMOTEDataset, to its sampler and to EmbeddingSMOTE.

    The Trainer itself sets the epoch of a dataset only in one process, and not in an epoch that is resumed in
    its middle: elsewhere it would train on the synthetic rows of epoch 0 again and again. With this callback
    rows are fresh in every epoch, on any number of ranks and of workers, and a run that is resumed from a
    checkpoint reads what it would have read.

    The order in which rows are read is the Trainer's own: by its ``data_seed`` and the epoch. Each call of
    ``train()`` starts with epoch 0 unless it resumes.

    Raises:
        ImportError: On import, if transformers is not installed; the extra ``trainers`` brings it.
        TypeError: When training begins, if the Trainer's ``train_dataset`` is no `SMOTEDataset` and its model
            has no `EmbeddingSMOTE` in it.

    >>> from torchsmote.transformers import SMOTECallback
    >>> callbacks = [SMOTECallback()]  # Trainer(..., train_dataset=SMOTEDataset(...), callbacks=callbacks)
    """

    def on_train_begin(self, args: Any, state: Any, control: Any, **given: Any) -> None:
        """Refuse a Trainer in which nothing makes synthetic rows."""
        dataset = given["train_dataloader"].dataset
        if not isinstance(dataset, SMOTEDataset) and not list(_modules(given["model"])):
            raise TypeError(
                "SMOTECallback found nothing that makes synthetic rows: `train_dataset` must be a "
                f"SMOTEDataset, got {type(dataset).__name__}, or the model must have an EmbeddingSMOTE in it"
            )

    def on_epoch_begin(self, args: Any, state: Any, control: Any, **given: Any) -> None:
        """Set the epoch; of a run that is resumed in the middle of one, that one."""
        epoch = int(state.epoch or 0)
        loader = given["train_dataloader"]
        for part in (loader.dataset, *_samplers(loader), *_modules(given["model"])):
            if hasattr(part, "set_epoch"):
                part.set_epoch(epoch)


def _samplers(loader: Any) -> Iterator[Any]:
    """The samplers below a loader, those that Accelerate wraps around others first."""
    sampler = getattr(loader, "batch_sampler", None)
    while sampler is not None:
        yield sampler
        sampler = getattr(sampler, "batch_sampler", None) or getattr(sampler, "sampler", None)


def _modules(model: Any) -> Iterator[EmbeddingSMOTE]:
    return (module for module in model.modules() if isinstance(module, EmbeddingSMOTE))
