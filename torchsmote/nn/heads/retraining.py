"""Retraining the head of a trained network on balanced embeddings; all else stays as it is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from torch import nn

from .checks import check_loader
from .fit import BATCH_SIZE, Steps
from .job import Retraining
from .report import HeadReport

__all__ = ["retrain_head"]


def retrain_head(
    model: nn.Module,
    loader: Iterable[Any],
    *,
    method: Any = "crt",
    head: str | None = None,
    epochs: int = 10,
    lr: float | None = None,
    seed: int = 0,
    progress: bool = True,
    validation: Iterable[Any] | None = None,
    tau: float = 1.0,
    batch_size: int = BATCH_SIZE,
) -> HeadReport:
    r"""Retrain the last layer of a trained network so that rare classes get their share.

    Embeddings of all rows are read once, in eval mode; then the head alone is trained on them, in eval mode
    (dropout within a head is off). Only its parameters change: every other parameter, every buffer, gradient,
    train or eval mode and requires_grad is as before, and so is global random state. If anything is raised,
    nothing has changed.

    ==========  =============================================================================================
    method      what is done
    ==========  =============================================================================================
    "crt"       fresh weights, trained with class-balanced sampling (classifier re-training)
    "lws"       a factor :math:`f_c` for each class is learned with class-balanced sampling, on top of the
                weights as they are: :math:`\tilde w_c = f_c w_c`, and :math:`\tilde b_c = f_c b_c`
    "tau"       `tau_normalize`, without training; "lws" and "tau" need a `torch.nn.Linear`
    "smote"     fresh weights, trained on embeddings that `SMOTE` has balanced once
    "eos"       the same with `EOS`, whose rows lie between a class and its nearest enemies
    resampler   the same with a copy of any object that has ``fit_resample``; ``seed`` is its random state
                where it has none
    ==========  =============================================================================================

    From the papers: what each method does; 10 epochs (5 for "lws" on ImageNet-LT); the bias, which "tau" sets
    to 0; the cosine schedule to 0, and that "lws" scales the bias too (Kang et al. and their code); fresh
    weights after over-sampling, cross-entropy, batches of 128 (EOS's code). Ours: Adam in place of SGD with
    momentum, whose fitting rate depends on the square of the embeddings' size; in an epoch the same number of
    rows of each class, exactly, as many as the largest has; "smote" with ``few_samples="shrink"``; float32 at
    least.

    A batch is (x, y, ...), or a mapping with its labels under y, target, targets, label or labels. x is what
    the model is called with: a tensor; or several, in a tuple, list or mapping, which are unpacked into the
    arguments of ``forward``, or given whole to one that has no such arguments. Labels are whole numbers.
    Needs memory for all embeddings on the head's device, and a copy of the head.

    Args:
        model: The trained network. Its head must be called once in a forward, on embeddings (b, d), and give
            logits (b, num_classes), at least 2.
        loader: The training batches, on any device; moved to the model's. Read once; what it draws from
            global generators is seeded by ``seed``, and they are put back. One with a generator of its own
            goes on in that.
        method: What is done, see above.
        head: Name of a submodule; None: the last `torch.nn.Linear` in module order. The report says which.
        epochs: Times that the (balanced) embeddings are trained on.
        lr: First learning rate of Adam, falling to 0 by a cosine; None: the larger of 1 over the mean sum of
            absolute values of an embedding (so that one step moves a logit by 1 at most), and 4 over the
            number of steps and the root of the embedding's width (so that it leaves its initial weights
            behind). With "lws" a logit is the embedding, of width 1.
        seed: Of fresh weights, drawn rows and their order, in [0, 2**64).
        progress: Whether to show progress on standard error.
        validation: Batches to score the head on before and after; None: the training rows, which flatter.
        tau: Power of "tau", see `tau_normalize`.
        batch_size: Embeddings a step.

    Returns:
        `HeadReport`: which head, rows of each class, scores before and after.

    Raises:
        TypeError: If an argument, a batch, its labels or the embeddings are of another kind.
        ValueError: If an argument is out of range; there is no such head, it shares a parameter with another
            module, or is not called as above; a label is not in [0, num_classes), or there is one class only;
            an embedding is not finite; or ``lr`` is so large that training ends in NaN.

    Warns:
        DataWarning: If a class has no row, or a part of the head has no ``reset_parameters()``.
        FewSamplesWarning: If a class has fewer rows than SMOTE's neighbours.

    Reference:
        Kang, Xie, Rohrbach, Yan, Gordo, Feng and Kalantidis, "Decoupling representation and classifier for
        long-tailed recognition", ICLR 2020, arXiv 1910.09217 ("crt", "lws", "tau"). Dablain, Bellinger,
        Krawczyk and Chawla, "Efficient augmentation for imbalanced deep learning", ICDE 2023, arXiv
        2207.06080 ("eos").

    >>> import torch
    >>> from torch.utils.data import DataLoader, TensorDataset
    >>> with torch.random.fork_rng():
    ...     _ = torch.manual_seed(0)
    ...     x, y = torch.randn(60, 4), torch.tensor([0] * 50 + [1] * 10)
    ...     model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
    >>> loader = DataLoader(TensorDataset(x + y.unsqueeze(1), y), batch_size=20)
    >>> report = retrain_head(model, loader, seed=0, progress=False)
    >>> report.head, report.rows, report.rows_trained
    ('2', (50, 10), (50, 50))
    >>> report.after.balanced_accuracy > report.before.balanced_accuracy
    True
    """
    job = Retraining.checked(model, method, head, Steps(epochs, batch_size, lr, progress), seed, tau)
    check_loader(loader, "loader")
    if validation is not None:
        check_loader(validation, "validation")
    return job.run(loader, validation)
