"""The call that compares methods on a table."""

from __future__ import annotations

import os
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from numbers import Integral
from typing import Any

from ...exceptions import DataWarning
from ...random import check_seed
from ..metrics import check_metrics
from .comparison import Comparison
from .fits import Outcome
from .folds import Fold, make_folds, share_of_test
from .line_up import LineUp, line_up
from .resume import fit_file, header
from .running import check_jobs, run_fits
from .settings import settings_of
from .task import Task, read_task

__all__ = ["compare"]


def compare(
    X: Any,
    y: Any,
    *,
    methods: Sequence[Any] = ("SMOTE",),
    model: Any = None,
    metrics: Sequence[str] | None = None,
    groups: Any = None,
    n_splits: int = 5,
    n_repeats: int = 2,
    grid: Mapping[str, Sequence[Any]] | None = None,
    seed: int = 0,
    n_jobs: int = 1,
    progress: bool = True,
    resume: str | os.PathLike[str] | None = None,
) -> Comparison:
    """Does resampling help on this table? Every method on the same folds, resampled in training parts only.

    Always in the line-up are ``nothing`` (the more probable class), ``nothing, tuned threshold`` (the
    baseline that all are compared with), ``class weights``, ``random over-sampling`` and ``random
    under-sampling``. Scaling, one-hot codes, resampling and thresholds are fitted on each fold's training
    part; its test part is touched once, to be predicted. Intervals and p-values are corrected for training
    parts that overlap (Nadeau and Bengio 2003), p-values for the number of methods, too (Holm 1979).

    Args:
        X: Table of numbers and categories, shape (n, d): tensor, array, or pandas or polars frame; columns of
            text, bools and pandas categories are categorical. It is not changed.
        y: Labels, shape (n,), two classes or more. Of two, the rarer one is the positive class.
        methods: Names such as "SMOTE" or "borderline", or resampler objects, ours or imbalanced-learn's.
        model: None: a torch MLP; a scikit-learn classifier; or a function (n_features, n_classes) that builds
            an nn.Module.
        metrics: Names, the one that the verdict goes by first; None: all, "pr_auc" first.
        groups: Group of each row, shape (n,): rows of a group are never on both sides of a split.
        n_splits: Folds, at least 2.
        n_repeats: How often the rows are cut into folds anew, at least 1.
        grid: Settings to try, such as ``{"k_neighbors": [3, 5], "sampling_strategy": [0.25, 1.0]}``.
        seed: Of folds, first weights, batches and resampling, in [0, 2**64).
        n_jobs: Processes; -1: one for each core. Results are the same for any number.
        progress: Whether to show on standard error how far it is.
        resume: A file that gets each fit as soon as it is finished. The next run with it makes only those
            fits that are not there, be it that one was stopped, or that there are more methods or repeats.

    Raises:
        ValueError: If lengths differ, `y` has one class, a value is missing or infinite, a class has too few
            rows or groups for the folds, an argument is out of range, `resume` is of another comparison or in
            use by one that runs, or a method refuses the data.
        TypeError: If an argument is of the wrong kind, or cannot be sent to another process.
        RuntimeError: If a fit fails otherwise; it names method, repeat and fold.
        ImportError: If a method needs a package that is missing.

    Warns:
        DataWarning: Once, in the end, if methods warned; see ``warnings`` of the result.

    Reference:
        Nadeau and Bengio, "Inference for the generalization error", Machine Learning 52, 2003.

    >>> from sklearn.linear_model import LogisticRegression
    >>> from torchsmote import make_imbalanced
    >>> table = make_imbalanced(200, 3, weights=[0.8, 0.2])
    >>> found = compare(table.data, table.target, model=LogisticRegression(), n_splits=2, progress=False)
    >>> found.methods[-1], len(found.fits)
    ('SMOTE', 24)
    >>> found.verdict[:32]
    'PR-AUC: no detectable difference'
    """
    n_splits, n_repeats = _at_least("n_splits", n_splits, 2), _at_least("n_repeats", n_repeats, 1)
    seed, n_jobs = check_seed(seed), _number_of_jobs(n_jobs)
    names = check_metrics(metrics)
    task = read_task(X, y, groups)
    folds = make_folds(task, n_splits=n_splits, n_repeats=n_repeats, seed=seed)
    entered = line_up(methods, model, grid, task.features, task.counts, classes=list(task.labels))
    arguments = {
        "methods": methods,
        "model": model,
        "metrics": metrics,
        "n_splits": n_splits,
        "n_repeats": n_repeats,
        "grid": grid,
        "seed": seed,
    }
    settings = settings_of(task, entered.model, names, arguments)
    check_jobs(n_jobs, entered.contenders)
    with fit_file(resume, header(task, metrics=names, n_splits=n_splits, seed=seed)) as file:
        outcomes = run_fits(
            entered.contenders, task, folds, names, file=file, n_jobs=n_jobs, progress=progress
        )
    found = _comparison(task, folds, entered, names, outcomes, settings)
    if found.warnings:
        warnings.warn(_summary(found.warnings), DataWarning, stacklevel=2)
    return found


def _comparison(
    task: Task,
    folds: Sequence[Fold],
    entered: LineUp,
    metrics: tuple[str, ...],
    outcomes: Sequence[Outcome],
    settings: Mapping[str, Any],
) -> Comparison:
    return Comparison(
        methods=[contender.name for contender in entered.contenders],
        metrics=metrics,
        classes=task.classes,
        counts=task.counts,
        rarer=task.rarer,
        fits=[outcome.fit for outcome in outcomes],
        test_per_train=share_of_test(folds),
        left_out=entered.left_out,
        warnings=_counted(outcomes),
        settings=settings,
        pictures={outcome.fit.method: outcome.picture for outcome in outcomes if outcome.picture},
    )


def _at_least(name: str, value: Any, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"`{name}` must be an int, got {value!r}")
    if value < least:
        raise ValueError(f"`{name}` must be at least {least}, got {value}")
    return int(value)


def _number_of_jobs(n_jobs: Any) -> int:
    if isinstance(n_jobs, bool) or not isinstance(n_jobs, Integral):
        raise TypeError(f"`n_jobs` must be an int, got {n_jobs!r}")
    if not n_jobs:
        raise ValueError("`n_jobs` must be at least 1, or -1 for one process a core, got 0")
    return int(n_jobs)


def _counted(outcomes: Sequence[Outcome]) -> dict[str, int]:
    """Each text that fits warned with, the most frequent first."""
    counts: Counter[str] = Counter()
    for outcome in outcomes:
        counts.update(outcome.warnings)
    return dict(counts.most_common())


def _summary(warned: Mapping[str, int]) -> str:
    """One warning, where each fit would have raised its own."""
    (text, times), *others = warned.items()
    more = f" (and {len(others):,} others)" if others else ""
    return f"fits warned, see `warnings` of the result; most frequent ({times:,} times): {text}{more}"
