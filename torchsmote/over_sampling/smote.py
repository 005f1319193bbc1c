"""SMOTE: step from a row of the class towards one of its nearest neighbours within the class."""

from __future__ import annotations

from .within_class import WithinClassSampler

__all__ = ["SMOTE"]


class SMOTE(WithinClassSampler):
    r"""Synthetic minority over-sampling technique.

    .. math:: x = x_{base} + u (x_{neighbor} - x_{base}), \quad u \sim U(0, 1)

    where the neighbour is one of the k nearest rows of the same class, without the row itself.

    Resample the training split only, after scaling its features: distances mix their units. Where a strong
    booster, a tuned threshold or class weights are an option, compare with them first.

    Args:
        sampling_strategy: "auto" (= "not majority": every class but the largest gets as many rows as it),
            "minority", "not minority", "all"; a float in (0, 1], minority over majority afterwards (binary
            only); a dict of class to final count; or a function of y that returns one.
        random_state: None, an int or a RandomState (the rows of imbalanced-learn 0.14), or a torch.Generator
            (numbers are drawn on its device).
        k_neighbors: Neighbours to choose from, default 5; or an estimator with ``kneighbors`` that counts the
            row itself, so one that is set to k + 1.
        device: Where to compute; None: the tensor's own device, else the CPU.
        backend: See `knn`.
        few_samples: A class with fewer than k + 1 rows: "raise"; "shrink" uses the neighbours there are;
            "duplicate" repeats its rows. The last two warn.
        constraint: Function of synthetic rows (m, d), a tensor in X's dtype, to bool (m,): which are valid.
            Rows that are not get a new base, neighbour and step.
        max_redraws: How often, at most, before a ValueError says how many stayed invalid.

    Attributes:
        sampling_strategy_: Class -> synthetic rows asked for.
        classes_: The classes, sorted.
        draws_: `Draws` of the synthetic rows, in output order.
        sample_indices_: Input row of each output row, -1 for a synthetic one.
        nn_k_: The estimator given as `k_neighbors`, or a `KNeighbors` of k + 1.
        recall_: Share of the true neighbours that the search found, see `Neighbors`; 1.0 if exact.

    Reference:
        Chawla, Bowyer, Hall and Kegelmeyer, "SMOTE: synthetic minority over-sampling technique", JAIR 16,
        2002.

    >>> import torch
    >>> X = torch.arange(12, dtype=torch.float32).reshape(12, 1)
    >>> y = torch.tensor([0] * 8 + [1] * 4)
    >>> X_new, y_new = SMOTE(k_neighbors=2, random_state=0).fit_resample(X, y)
    >>> X_new.shape, y_new.bincount().tolist()
    (torch.Size([16, 1]), [8, 8])
    """
