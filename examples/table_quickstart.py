"""The table door: resample once, then train any classifier. Synthetic rows go into the training part only.

python examples/table_quickstart.py
"""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.preprocessing import StandardScaler

from torchsmote import SMOTE, load_digits_imbalanced
from torchsmote.datasets import split_by_group

digits = load_digits_imbalanced(imbalance_ratio=10)
target = (digits.target == 9).astype(int)
split = split_by_group(target, digits.groups)
scaler = StandardScaler().fit(digits.data[split.train])  # SMOTE measures distances: scale the columns first
X, y = scaler.transform(digits.data[split.train]), target[split.train]
X_test, y_test = scaler.transform(digits.data[split.test]), target[split.test]

X_more, y_more = SMOTE(random_state=0).fit_resample(X, y)
for name, rows, labels in (("as is", X, y), ("SMOTE", X_more, y_more)):
    model = LogisticRegression(max_iter=1000).fit(rows, labels)
    precision = average_precision_score(y_test, model.predict_proba(X_test)[:, 1])
    print(f"{name}: {np.bincount(labels).tolist()} rows, average precision {precision:.3f}")
print(
    f"One split with {y.sum()} training and {y_test.sum()} test rows of the rare class proves nothing;\n"
    "python -m torchsmote demo compares over several splits, with intervals."
)
