"""A diagnosis, made by hand."""

from __future__ import annotations

import numpy as np

from torchsmote.evaluate.diagnosis.diagnosis import Diagnosis
from torchsmote.evaluate.diagnosis.examination import ClassRows
from torchsmote.evaluate.diagnosis.findings import FINDINGS, Finding, Recommendation
from torchsmote.evaluate.picture import project

VALUES = (168.0, 3.0, 0.281, 1.0, 0.5, 0.1, 10049.3, 7.0, 8.0, 0.01, 22.0, 3.41, None)


def diagnosis(classes=("0", "1"), text="plain") -> Diagnosis:
    """A finding of each name; ``text`` is in every place where a table's text can be."""
    rng = np.random.default_rng(0)
    counts = [900 // (place + 1) ** 2 for place in range(len(classes))]
    labels = [name for name, count in zip(classes, counts, strict=True) for _ in range(count)]
    severities = ["problem"] * 3 + ["warning"] * 5 + ["info"] * 5
    return Diagnosis(
        n_rows=sum(counts),
        n_features=4,
        imbalance_ratio=counts[0] / counts[-1],
        classes=[ClassRows(name, count, 0.7, 0.2, 0.1) for name, count in zip(classes, counts, strict=True)],
        findings=[
            Finding(name, severity, value, f"{name} of {text}.", f"Do {text}.", f"x = {text!r}")
            for name, severity, value in zip(FINDINGS, severities, VALUES, strict=True)
        ],
        recommendation=Recommendation(
            True, "SMOTE", {text: 300}, 5, f"Because of {text}.", f"SMOTE({text!r})"
        ),
        sampled="Looked at 900 rows.",
        settings={"arguments": {"seed": 0}, "rows": sum(counts), "code": f"diagnose(X, {text!r})"},
        picture=project("All rows", rng.normal(size=(len(labels), 3)), labels),
    )
