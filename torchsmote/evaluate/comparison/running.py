"""Every contender on every fold, in one process or several, each fit on one thread."""

from __future__ import annotations

import pickle
import time
import warnings
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace

from joblib import Parallel, delayed, effective_n_jobs, wrap_non_picklable_objects

from ...progress import show_progress
from .contender import Contender
from .fits import Outcome
from .folds import Fold, split_at
from .judging import judge, picture_of
from .one_thread import one_thread
from .resume import FitFile, Key
from .task import Task

__all__ = ["check_jobs", "run_fits"]

# Those that Python does not show by default.
_FOR_DEVELOPERS = (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning)


def check_jobs(n_jobs: int, contenders: Sequence[Contender]) -> None:
    """Refuse contenders that other processes cannot get, where there are to be any.

    Raises:
        TypeError: If one cannot be pickled, not even by value.
    """
    if effective_n_jobs(n_jobs) == 1:
        return
    for one in contenders:
        _check_pickles(one, n_jobs)


def _check_pickles(one: Contender, n_jobs: int) -> None:
    try:
        pickle.dumps(wrap_non_picklable_objects(one))  # as joblib does it, functions by value
    except Exception as error:
        said = " ".join(str(error).split())
        raise TypeError(
            f"`n_jobs`={n_jobs}: `model`, or the method, of {one.name!r} cannot be sent to another process: "
            f"{said}; take `n_jobs`=1, or make it of what can be pickled"
        ) from error


def run_fits(
    contenders: Sequence[Contender],
    task: Task,
    folds: Sequence[Fold],
    metrics: tuple[str, ...],
    *,
    file: FitFile,
    n_jobs: int,
    progress: bool,
) -> list[Outcome]:
    """Train and judge each contender on each fold, but for what the file has already.

    A fit is a pure function of its contender and its fold, and has one thread: sums over several threads
    differ in their last bits. So the outcomes are the same for any ``n_jobs``.

    Args:
        contenders: Those with equal texts do the same, and run once.
        task: All rows.
        folds: Which of them train and test.
        metrics: Names.
        file: What is known, and where each outcome is added as soon as it is there.
        n_jobs: Processes; below 0: all cores but ``-1 - n_jobs``.
        progress: Whether to show on standard error how far it is.

    Returns:
        Contender by contender, each in the order of the folds; seconds are those of the run that fitted it.

    Raises:
        ValueError, TypeError, ImportError, RuntimeError: If a fit fails; it names contender and fold.
    """
    asked = [((one.text, fold.repeat, fold.fold), one, fold) for one in contenders for fold in folds]
    work = {key: (one, fold) for key, one, fold in asked if key not in file.known}  # of like contenders, once
    # Fold by fold: what a stopped run leaves has all contenders side by side.
    ordered = sorted(work, key=lambda key: key[1:])
    calls = (delayed(_measure)(key, *work[key], task, metrics, _kept(file)) for key in ordered)
    # Processes, whatever a user has configured: threads share warnings, and the state of random numbers.
    parallel = Parallel(n_jobs=n_jobs, backend="loky", return_as="generator_unordered")
    words = f"comparing {len(contenders)} methods on {len(folds)} folds"
    with show_progress(words, len(work), show=progress) as advance, closing(parallel(calls)) as outcomes:
        for key, outcome in outcomes:
            file.add(key, outcome)
            advance()
    return [_named(file.known[key], contender.name) for key, contender, _ in asked]


def _measure(
    key: Key, contender: Contender, fold: Fold, task: Task, metrics: tuple[str, ...], kept: str
) -> tuple[Key, Outcome]:
    """One fit; called in a process of its own where there are several."""
    first = fold.repeat == fold.fold == 0
    split = split_at(task, fold)
    with one_thread(), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for category in _FOR_DEVELOPERS:
            warnings.simplefilter("ignore", category)
        start = time.perf_counter()
        try:
            predictions = contender.run(split, metrics, keep_rows=first)
            seconds = time.perf_counter() - start
            fit = judge(contender.name, task, fold, predictions, metrics, seconds)
            picture = picture_of(contender.name, task, predictions) if first else None
        except Exception as error:
            raise _failure(error, contender, fold, kept) from error
    texts = Counter(" ".join(str(warning.message).split()) for warning in caught)
    return key, Outcome(fit, dict(texts), picture)


def _failure(error: Exception, contender: Contender, fold: Fold, kept: str) -> Exception:
    """The same kind of error where it is one that callers know; built-in ones travel between processes."""
    known: tuple[type[Exception], ...] = (ValueError, TypeError, ImportError)
    kind = next((kind for kind in known if isinstance(error, kind)), RuntimeError)
    said = " ".join(str(error).split())  # on one line
    said = said if kind is not RuntimeError else f"{type(error).__name__}: {said}"
    return kind(f"{contender.name!r} failed in repeat {fold.repeat}, fold {fold.fold}: {said} ({kept})")


def _kept(file: FitFile) -> str:
    if file.path is None:
        return "nothing is kept; with `resume=` a path, finished fits would be"
    return f"finished fits are kept in {file.path}"


def _named(outcome: Outcome, name: str) -> Outcome:
    """Another run may have called it otherwise: fits go by what a contender does."""
    picture = outcome.picture and replace(outcome.picture, title=name)
    return replace(outcome, fit=replace(outcome.fit, method=name), picture=picture)
