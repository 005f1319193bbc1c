"""SMOTEDataModule: a LightningDataModule that over-samples its training set, and no other."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, Subset

from .data import BalancedBatchSampler, DistributedSMOTESampler, ResumableLoader, SMOTEDataset, SMOTESampler
from .data.batch_size import check_batch_size
from .data.fitting import own_resampler
from .data.inputs import check_dataset
from .extras import import_extra
from .random import check_seed

if TYPE_CHECKING:
    from lightning.pytorch import LightningDataModule
else:
    LightningDataModule = import_extra("lightning.pytorch", "trainers").LightningDataModule

__all__ = ["SMOTEDataModule"]

# What is set here; all others are DataLoader's own.
_OURS = {"self", "dataset", "sampler", "batch_sampler", "shuffle", "generator"}


class SMOTEDataModule(LightningDataModule):
    """Loaders for a Lightning Trainer: synthetic rows in training, fresh every epoch, nowhere else.

    The training set is wrapped in a `SMOTEDataset` when the Trainer calls ``setup("fit")``. **Validation,
    test and prediction sets are never resampled**: scores on synthetic rows say nothing.

    Under several processes every rank gets rows of its own, the ranks together those of one process, and
    Lightning puts no sampler of its own over them. A checkpoint saved after any batch resumes with exactly
    the rest of its epoch, by ``trainer.fit(model, data, ckpt_path=path)``, with any number of workers; one of
    other data, another resampler or seed is refused.

    Args:
        train: Training set, map-style, as `SMOTEDataset` takes it; or a `SMOTEDataset`, for the other
            arguments that it has: ``features``, ``targets``, ``categorical`` ...
        val: Validation set, or a list of several; None: none.
        test: Test set, or a list of several; None: none.
        resampler: An over-sampler, cloned; None is ``SMOTE()``.
        predict: Set to predict on, or a list of several; None: none.
        batch_size: Samples in a batch of one process, in every loader.
        num_workers: Worker processes of every loader.
        balanced: True: every training batch holds the same share of each class (`BalancedBatchSampler`); a
            dict from class to share: these shares. False: all rows of an epoch, shuffled.
        drop_last: Leave out the last training batch where it is smaller, and rows that not every rank would
            get, instead of repeating some.
        persistent_workers: Keep worker processes from epoch to epoch; None: where there are any.
        seed: In [0, 2**64); of the synthetic rows and of the order.
        **loader: Further arguments of every DataLoader: ``pin_memory``, ``collate_fn`` ...

    Attributes:
        train_dataset: The training set, a `SMOTEDataset` from ``setup("fit")`` on.

    Raises:
        ImportError: On import, if lightning is not installed; the extra ``trainers`` brings it.
        TypeError: If ``train`` is not map-style, ``resampler`` no over-sampler, ``batch_size`` or ``seed`` no
            int, ``balanced`` neither bool nor dict, or DataLoader does not know an argument.
        ValueError: If ``train`` is empty, or a SMOTEDataset and a ``resampler`` is given too; if another set
            is a SMOTEDataset or a Subset of one, or ``batch_size`` below 1. From ``setup``, if the resampler
            cannot be fitted.

    >>> import torch
    >>> from torch.utils.data import TensorDataset
    >>> from torchsmote.lightning import SMOTEDataModule
    >>> X, y = torch.arange(80.0).reshape(40, 2), torch.tensor([0] * 30 + [1] * 10)
    >>> data = SMOTEDataModule(TensorDataset(X, y), val=TensorDataset(X, y), batch_size=20)
    >>> [len(labels) for _, labels in data.train_dataloader()]  # 20 synthetic rows
    [20, 20, 20]
    >>> [len(labels) for _, labels in data.val_dataloader()]
    [20, 20]
    """

    def __init__(
        self,
        train: Any,
        val: Any = None,
        test: Any = None,
        resampler: Any = None,
        *,
        predict: Any = None,
        batch_size: int = 32,
        num_workers: int = 0,
        balanced: bool | Mapping[Any, float] = False,
        drop_last: bool = False,
        persistent_workers: bool | None = None,
        seed: int = 0,
        **loader: Any,
    ) -> None:
        super().__init__()
        check_dataset(train, "train")
        ready = isinstance(train, SMOTEDataset)
        if ready and resampler is not None:
            raise ValueError(
                "`resampler` is given, but `train` is a SMOTEDataset, which has one; drop one of them"
            )
        for name, given in (("val", val), ("test", test), ("predict", predict)):
            if any(_has_synthetic(dataset) for dataset in _sets(given)):
                raise ValueError(
                    f"`{name}` is a SMOTEDataset: synthetic rows would be scored; give the real ones"
                )
            if given is not None:  # else it stays Lightning's own, which says that there is none
                setattr(self, f"{name}_dataloader", partial(self._plain, given))
        if not isinstance(balanced, (bool, Mapping)):
            raise TypeError(
                "`balanced` must be True, False, or a dict from class to its share of each batch, got "
                f"{type(balanced).__name__}"
            )
        _check_arguments(loader)
        self.train_dataset = train
        self.resampler = None if ready else own_resampler(resampler)
        self.batch_size = check_batch_size(batch_size)
        self.num_workers = num_workers
        self.balanced = balanced
        self.drop_last = drop_last
        self.persistent_workers = persistent_workers
        self.seed = check_seed(seed)
        self.loader = loader

    def setup(self, stage: str | None = None) -> None:
        """Wrap the training set, where the stage is "fit" or None: the neighbors are searched here.

        Args:
            stage: "fit", "validate", "test" or "predict"; None: all.
        """
        if stage in (None, "fit") and not isinstance(self.train_dataset, SMOTEDataset):
            self.train_dataset = SMOTEDataset(self.train_dataset, self.resampler, seed=self.seed)

    def train_dataloader(self) -> ResumableLoader:
        """Real and synthetic rows, shuffled; of this rank."""
        self.setup("fit")
        data = self.train_dataset
        given: dict[str, Any] = {"seed": self.seed, "drop_last": self.drop_last}
        ranks = None if self.trainer is None else self.trainer.distributed_sampler_kwargs
        share = None if ranks is None else DistributedSMOTESampler(data, **given, **ranks)
        if self.balanced:
            shares = self.balanced if isinstance(self.balanced, Mapping) else None
            batches = BalancedBatchSampler(data, self.batch_size, shares=shares, **given, sampler=share)
            return ResumableLoader(data, batch_sampler=batches, **self._arguments())
        order = SMOTESampler(data, seed=self.seed) if share is None else share
        return ResumableLoader(
            data, self.batch_size, sampler=order, drop_last=self.drop_last, **self._arguments()
        )

    def _plain(self, given: Any) -> Any:
        """A loader of a set as it is, in order; a list of them for a list of sets."""
        loaders = [DataLoader(dataset, self.batch_size, **self._arguments()) for dataset in _sets(given)]
        return loaders[0] if len(loaders) == 1 else loaders

    def _arguments(self) -> dict[str, Any]:
        """What every loader is given; a generator of its own, since DataLoader draws from the global one."""
        keep = self.num_workers > 0 if self.persistent_workers is None else self.persistent_workers
        rank = 0 if self.trainer is None else self.trainer.global_rank
        words = np.random.SeedSequence([self.seed, rank]).generate_state(1, np.uint64)
        generator = torch.Generator().manual_seed(int(words[0]))
        return {
            "num_workers": self.num_workers,
            "persistent_workers": keep,
            "generator": generator,
            **self.loader,
        }


def _sets(given: Any) -> list[Any]:
    """The datasets of an argument: none, one, or those of a list; a list of samples is one."""
    several = isinstance(given, (list, tuple)) and all(isinstance(part, Dataset) for part in given)
    return [] if given is None else list(given) if several else [given]


def _has_synthetic(dataset: Any) -> bool:
    """Whether it is a SMOTEDataset, or a part of one, as random_split gives it."""
    while isinstance(dataset, Subset):
        dataset = dataset.dataset
    return isinstance(dataset, SMOTEDataset)


def _check_arguments(loader: Mapping[str, Any]) -> None:
    known = sorted(set(inspect.signature(DataLoader.__init__).parameters) - _OURS)
    unknown = sorted(set(loader) - set(known))
    if unknown:
        own = [name for name in inspect.signature(SMOTEDataModule).parameters if name != "loader"]
        raise TypeError(
            f"SMOTEDataModule has no argument `{unknown[0]}`; its own are {', '.join(own)}; it passes on "
            f"DataLoader's {', '.join(name for name in known if name not in own)}"
        )
