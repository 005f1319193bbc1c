"""A comparison's results, made of drawn predictions in a moment."""

from __future__ import annotations

import numpy as np
from evaluate.hostile import BROKEN, FOREIGN, FORMULA, IMAGE, LINES, LONG, SCRIPT

from torchsmote.evaluate.comparison.comparison import Comparison
from torchsmote.evaluate.comparison.fits import Fit
from torchsmote.evaluate.comparison.measurements import BASELINE, STANDING
from torchsmote.evaluate.metrics import class_curves, confusion, per_class, score
from torchsmote.evaluate.picture import project

HOSTILE_CLASSES = (SCRIPT, FOREIGN, IMAGE, FORMULA, LINES, BROKEN)
HOSTILE_METHODS = (SCRIPT, IMAGE, FORMULA, LONG)


METRICS = ("pr_auc", "f1", "brier", "recall")


def comparison(classes=("0", "1"), methods=("SMOTE", "ADASYN"), metrics=METRICS) -> Comparison:
    """Every method sees the true class through noise of its own; the last class is the rarest."""
    n, n_splits, n_repeats, rng = 600, 3, 2, np.random.default_rng(0)
    shares = (0.1 if len(classes) == 2 else 0.5) ** np.arange(len(classes))
    y = np.sort(rng.choice(len(classes), n, p=shares / shares.sum()))
    rarer = 1 if len(classes) == 2 else None
    fits, names = [], [*STANDING, *methods]
    for repeat in range(n_repeats):
        parts = np.arange(n) // (1 + repeat) % n_splits  # rows are sorted by class
        for place, method in enumerate(names):
            logits = rng.normal(size=(n, len(classes))) * (1 + 0.1 * place) + 2.5 * np.eye(len(classes))[y]
            p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
            for fold in range(n_splits):
                test = parts == fold
                fits.append(_fit(method, repeat, fold, y[test], p[test], metrics, rarer))
    points = rng.normal(size=(n, 4)) + y[:, None]
    labels = [classes[place] for place in y]
    own = project("Training part", points, labels, points[-20:] + 0.1, labels[-20:])
    return Comparison(
        methods=names,
        metrics=metrics,
        classes=classes,
        counts=np.bincount(y, minlength=len(classes)).tolist(),
        rarer=rarer,
        fits=fits,
        test_per_train=1 / (n_splits - 1),
        left_out={classes[0]: f"no, {classes[0]}"},
        warnings={f"beware of {methods[0]}": 1234},
        settings={
            "arguments": {
                "model": "MLP",
                "n_splits": n_splits,
                "n_repeats": n_repeats,
                "methods": list(methods),
            },
            "rows": n,
            "columns": 4,
            "groups": None,
            "versions": {"torchsmote": "0.1.0"},
            "code": f"compare(X, y, methods={list(methods)!r})",
        },
        pictures=dict.fromkeys(methods[:2], own),
    )


def _fit(method, repeat, fold, y, p, metrics, rarer):
    n_classes = p.shape[1]
    decided = p.argmax(1)
    curved = range(n_classes) if rarer is None else [rarer]
    curves = {
        place: class_curves(y == place, p[:, place]) for place in curved if 0 < (y == place).sum() < len(y)
    }
    scores = score(y, {"": decided}, p, metrics, rarer)
    found = per_class(y, decided, n_classes), confusion(y, decided, n_classes)
    threshold = None if rarer is None else 0.3 if method == BASELINE else 0.5
    return Fit(method, repeat, fold, scores, *found, curves, threshold, 400, 0.5)
