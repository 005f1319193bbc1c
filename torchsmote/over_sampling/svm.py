"""SVM-SMOTE: start at the support vectors, inwards from the safe ones' side, between rows at the others."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from numbers import Real
from typing import Any, ClassVar

import numpy as np
import torch
from sklearn.svm import SVC
from sklearn.utils import check_random_state
from torch import Tensor

from ..exceptions import NothingSampledWarning, UnsuitableError
from ..parameters import NEIGHBORS, HasMethods, Interval
from ..random import host_state
from ..variants import VARIANTS
from .class_recipe import ClassRecipe
from .class_task import ClassTask
from .neighbor_argument import count_of, estimator_of
from .neighbor_search import NeighborSearch
from .seeded import seeded
from .within_class import WithinClassSampler

__all__ = ["SVMSMOTE"]


class SVMSMOTE(WithinClassSampler):
    r"""SMOTE that starts at the support vectors of a support vector machine.

    Of a class's support vectors, those with rows of other classes alone among their m nearest rows are noise
    and start nothing. Where at least half of the m are of other classes, the vector is in danger, and a new
    row lies between it and one of its k nearest rows of the class. Else it is safe, and a new row lies
    beyond it:

    .. math:: x = x_{base} + u (x_{neighbor} - x_{base}) \quad \text{or} \quad
              x = x_{base} - s u (x_{neighbor} - x_{base}), \qquad u \sim U(0, 1)

    with s = ``out_step``. The share of rows that start in danger is drawn from Beta(10, 10), as in
    imbalanced-learn. If there are vectors of one kind only, the rows of the other kind are not made, with a
    NothingSampledWarning.

    The machine is fitted once, on the host. SVC's time grows with the square of the rows or more; it takes
    a float64 copy of the table and a cache of 200 MB.

    Args:
        sampling_strategy: See `SMOTE`.
        random_state: See `SMOTE`; it seeds the machine and the share too. A RandomState gives
            imbalanced-learn's rows where one class grows; with several the order of its numbers differs.
        k_neighbors: See `SMOTE`.
        m_neighbors: Neighbours among all rows, by which a vector is noise, in danger or safe, default 10; or
            an estimator set to m + 1.
        svm_estimator: A classifier that has ``support_`` (row numbers) once fitted; where it has no seed, it
            takes an int or generator from `random_state`. None: scikit-learn's ``SVC()``.
        out_step: How far beyond a safe vector at most, in [0, 1], default 0.5.
        device: See `SMOTE`.
        backend: See `SMOTE`.
        few_samples: See `SMOTE`.
        constraint: See `SMOTE`.
        max_redraws: See `SMOTE`.

    Attributes:
        sampling_strategy_: Class -> synthetic rows asked for.
        classes_: The classes, sorted.
        draws_: `Draws` of the synthetic rows, in output order; those of safe vectors have steps below 0.
        sample_indices_: Input row of each output row, -1 for a synthetic one.
        nn_k_: The estimator of `k_neighbors`.
        nn_m_: The estimator of `m_neighbors`.
        svm_estimator_: The fitted machine.

    Raises:
        ValueError: If all support vectors of a class are noise.
        RuntimeError: If the estimator has no ``support_`` (it is a ValueError too).

    Reference:
        Nguyen, Cooper and Kamei, "Borderline over-sampling for imbalanced data classification", IJKESDP 3,
        2009.

    >>> import torch
    >>> X = torch.tensor([[0.0], [1.0], [2.0], [3.0], [4.0], [5.0], [5.2], [5.5], [6.0], [7.0], [8.0]])
    >>> y = torch.tensor([0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1])
    >>> sampler = SVMSMOTE(k_neighbors=2, m_neighbors=4, random_state=0)
    >>> X_new, y_new = sampler.fit_resample(X, y)
    >>> y_new.bincount().tolist(), (sampler.draws_.step > 0).tolist()
    ([7, 7], [True, True, False])
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **WithinClassSampler._parameter_constraints,
        "m_neighbors": NEIGHBORS,
        "svm_estimator": [HasMethods(["fit", "predict"]), None],
        "out_step": [Interval(Real, 0, 1, closed="both")],
    }

    def __init__(
        self,
        *,
        sampling_strategy: Any = "auto",
        random_state: Any = None,
        k_neighbors: Any = 5,
        m_neighbors: Any = 10,
        svm_estimator: Any = None,
        out_step: float = 0.5,
        device: Any = None,
        backend: str = "auto",
        few_samples: str = "raise",
        constraint: Callable[[Tensor], Tensor] | None = None,
        max_redraws: int = 20,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.k_neighbors = k_neighbors
        self.m_neighbors = m_neighbors
        self.svm_estimator = svm_estimator
        self.out_step = out_step
        self.device = device
        self.backend = backend
        self.few_samples = few_samples
        self.constraint = constraint
        self.max_redraws = max_redraws

    def batch_neighbors(self) -> tuple[int, int]:
        """None: there is no machine in a batch."""
        raise TypeError(
            "EmbeddingSMOTE: SVMSMOTE cannot run in a batch, since it would have to fit a support vector "
            "machine at every step; use BorderlineSMOTE, or SVMSMOTE in a SMOTEDataset"
        )

    def _start(self) -> None:
        super()._start()
        self.nn_m_ = estimator_of(self.m_neighbors, self.backend, self.device)

    def _recipes(
        self, search: NeighborSearch, tasks: list[ClassTask], random_state: Any
    ) -> list[ClassRecipe]:
        state = host_state(random_state)
        own = self.svm_estimator is None
        self.svm_estimator_ = (
            SVC(gamma="scale", random_state=state) if own else seeded(self.svm_estimator, state)
        )
        if not tasks:
            return []
        codes = tasks[0].codes
        self.svm_estimator_.fit(search.on_host, self.classes_[codes.cpu().numpy()])
        if not hasattr(self.svm_estimator_, "support_"):
            raise UnsuitableError(
                "`svm_estimator` is required to exposed a `support_` fitted attribute. SVMSMOTE: "
                f"{type(self.svm_estimator_).__name__} has none; use a support vector machine, such as SVC"
            )
        support = torch.from_numpy(np.asarray(self.svm_estimator_.support_, np.int64)).to(codes.device)
        stream = check_random_state(state)
        parts: list[ClassRecipe] = []
        for task in tasks:
            vectors = support[codes[support] == task.position]
            parts += self._class_parts(search, task, vectors, stream.beta(10, 10))
        return parts

    def _class_parts(
        self, search: NeighborSearch, task: ClassTask, vectors: Tensor, share: float
    ) -> list[ClassRecipe]:
        """The part in danger, which gets a share of about ``share``, and the safe part."""
        vectors, danger = self._split(search, task, vectors)
        table = search.nearest_of_class(self.k_neighbors, vectors, task.rows, task.label, "k_neighbors")
        wanted = int(share * (task.n_new + 1))
        parts = []
        for chosen, n_new, length in (
            (danger, wanted, 1.0),
            (~danger, task.n_new - wanted, -self.out_step),
        ):
            if bool(chosen.any()):
                spans = torch.zeros((*table[chosen].shape, 2), dtype=torch.float64, device=table.device)
                spans[..., 1] = length
                parts.append(ClassRecipe(task.position, vectors[chosen], table[chosen], n_new, spans=spans))
        made = sum(part.n_new for part in parts)
        if made < task.n_new:
            only = "in danger" if bool(danger.any()) else "safe"
            warnings.warn(
                f"SVMSMOTE: all support vectors of class {task.label!r} are {only}, so {made} of "
                f"{task.n_new} samples are made; change m_neighbors, or use BorderlineSMOTE or SMOTE",
                NothingSampledWarning,
                stacklevel=6,
            )
        return parts

    def _split(self, search: NeighborSearch, task: ClassTask, vectors: Tensor) -> tuple[Tensor, Tensor]:
        """The support vectors that are no noise, and which of them are in danger."""
        m, found = count_of(self.m_neighbors), len(vectors)
        if found:
            around = search.nearest(self.m_neighbors, vectors, None, "m_neighbors")
            enemies = task.is_enemy(around).sum(1)
            vectors, enemies = vectors[enemies < m], enemies[enemies < m]
        if not len(vectors):
            what = f"class {task.label!r} has no support vector"
            if found:
                what = f"all {found} support vectors of class {task.label!r} are noise at m_neighbors={m}"
            raise ValueError(
                f"SVMSMOTE: {what}. SVM-SMOTE is not adapted to your dataset; raise m_neighbors, or use SMOTE"
            )
        in_danger = VARIANTS["borderline-1"].weight
        assert in_danger is not None
        return vectors, in_danger(enemies, m) > 0
