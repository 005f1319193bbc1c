"""Code for the actions of the findings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .code_text import Code, call, columns, mapping, script
from .preparation import Preparation
from .rules import K

__all__ = ["Snippets"]


class Snippets(Preparation):
    """One method an action; "" where the table has too few rows of a class for it."""

    def split(self) -> str:
        """A split that keeps the classes in proportion."""
        n_classes, n = len(self.table.counts), len(self.table)
        size = max(n // 4, n_classes)
        if self.folds < 2 or n - size < n_classes:
            return ""
        words = {"test_size": size, "stratify": Code(self.labels), "random_state": self.seed}
        made = call("train_test_split", Code("rows"), Code(self.labels), **words)
        return script(
            ["from sklearn.model_selection import train_test_split"],
            [*self.rows, f"rows_train, rows_test, y_train, y_test = {made}"],
        )

    def tune_threshold(self) -> str:
        """A plain model with a tuned threshold; with more classes, a decision that allows for their sizes."""
        if self.folds < 2 or not self.table.varies:
            return ""
        imports, lines = self.model()
        words = (Code(word) for word in ("model", "rows", "labels"))
        predicted = call("cross_val_predict", *words, cv=self.folds, method="predict_proba")
        imports.append("from sklearn.model_selection import cross_val_predict")
        lines += [f"labels = {self.labels}", f"p = {predicted}"]
        rarest = self.table.rarest
        if len(self.table.counts) > 2:
            lines += [
                "classes, counts = np.unique(labels, return_counts=True)",
                "decided = classes[(p / counts).argmax(1)]  # not p.argmax(1)",
            ]
            return script(imports, lines)
        lines += [
            f"rare = labels == {self.label(rarest)}",
            f'threshold = threshold_for("f1", rare, p[:, {rarest}])',
            f"decided = p[:, {rarest}] >= threshold  # not p.argmax(1)",
            "model.fit(rows, labels)",
        ]
        return script([*imports, "from torchsmote.evaluate import threshold_for"], lines)

    def shrink(self) -> str:
        """SMOTE that takes fewer neighbours where a class is small; random where one has a single row."""
        least = int(self.table.counts.min())
        imports, lines = self.points()
        words = {"random_state": self.seed}
        name, words = (
            ("RandomOverSampler", words) if least < 2 else ("SMOTE", {"k_neighbors": least - 1, **words})
        )
        lines += [
            f"resampler = {call(name, **words)}",
            f"Z_new, y_new = resampler.fit_resample(Z, {self.labels})",
        ]
        return script([*imports, f"from torchsmote import {name}"], lines)

    def list_noise(self, position: int, k: int) -> str:
        """Numbers of the rows of a class that have none of their own among their nearest."""
        imports, lines = self.points()
        lines += [
            f"own = {self.labels} == {self.label(position)}",
            f"nearest = knn(Z, k={k}, exclude_self=True).indices.numpy()",
            "print(np.flatnonzero(own & ~own[nearest].any(1)))",
        ]
        return script([*imports, "from torchsmote import knn"], lines)

    def list_groups(self, position: int) -> str:
        """Sizes of the groups of a class."""
        imports, lines = self.points()
        k = min(K, int(self.table.counts[position]) - 1)
        lines += [
            f"own = Z[{self.labels} == {self.label(position)}]",
            f"graph = KNeighbors({k}).fit(own).kneighbors_graph()",
            "n_groups, group = connected_components(graph, directed=False)",
            "print(n_groups, np.sort(np.bincount(group))[::-1])",
        ]
        imports += [
            "from scipy.sparse.csgraph import connected_components",
            "from torchsmote import KNeighbors",
        ]
        return script(imports, lines)

    @property
    def _groups(self) -> list[str]:
        """Lines that number the distinct rows: ``groups``, one number for equal rows; a gap equals a gap."""
        column = "column.astype(str)" if self.objects else "column"
        return [
            f"numbers = [np.unique({column}, return_inverse=True)[1]",
            f"           for column in {self.array}.T]",
            "numbers = np.column_stack(numbers)",
            "groups = np.unique(numbers, axis=0, return_inverse=True)[1].ravel()",
        ]

    def drop_repeats(self) -> str:
        """The rows without exact copies."""
        taken = "X[first]" if self.table.container != "pandas" else "X.iloc[first]"
        if self.table.container == "array":
            taken = f"{self.array}[first]"
        lines = [
            *self._groups,
            "first = np.sort(np.unique(groups, return_index=True)[1])",
            f"X_new, y_new = {taken}, {self.labels}[first]",
        ]
        return script([], lines)

    def group_split(self) -> str:
        """A split that keeps equal rows together."""
        if self.folds < 2:
            return ""
        folds = call("StratifiedGroupKFold", self.folds, shuffle=True, random_state=self.seed)
        lines = [
            *self._groups,
            f"folds = {folds}",
            f"train, test = next(folds.split(groups, {self.labels}, groups))",
        ]
        return script(["from sklearn.model_selection import StratifiedGroupKFold"], lines)

    def score_model(self) -> str:
        """Cross-validated balanced accuracy of a plain model."""
        if self.folds < 2:
            return ""
        imports, lines = self.model()
        words = (Code(word) for word in ("model", "rows", self.labels))
        scores = call("cross_val_score", *words, cv=self.folds, scoring="balanced_accuracy")
        lines += [f"scores = {scores}", "print(scores.mean())"]
        return script([*imports, "from sklearn.model_selection import cross_val_score"], lines)

    def standardize(self) -> str:
        """The table with its columns of numbers standardised."""
        imports, lines = self.ready()
        return script(imports, lines)

    impute = standardize  # both are what makes the table ready

    def resample(self, method: str, strategy: float | dict[int, int], k: int) -> str:
        """Over-sampling, of rows that are prepared where the columns need it.

        Args:
            method: Name of the resampler.
            strategy: Minority over majority, or class position -> final count.
            k: Neighbours.
        """
        words: dict[str, Any] = {"k_neighbors": k, "sampling_strategy": strategy}
        if isinstance(strategy, dict):
            words["sampling_strategy"] = mapping({self.label(p): count for p, count in strategy.items()})
        words["random_state"] = self.seed
        prepared = self.needs_preparing
        imports, lines = self.ready() if prepared else ([], [])
        if method == "SMOTENC":
            places = self.table.features.categorical
            where = self.ready_places(places) if prepared else list(places)
            words = {"categorical_features": where, **words}
        rows = "X_ready" if prepared else self.raw
        if method == "SMOTE" and not prepared and not self.table.floating:
            rows, lines = "rows", [f"rows = {self.mixable}"]
        elif not prepared and len(rows) > len("X.rename(columns=str)"):
            rows, lines = "rows", [f"rows = {rows}"]
        lines = [
            "# X, y: rows to train on; test rows "
            + ("go through prepare.transform only" if prepared else "stay as they are"),
            *lines,
            f"resampler = {call(method, **words)}",
            f"X_new, y_new = resampler.fit_resample({rows}, {'y' if rows == 'X' else self.labels})",
        ]
        return script([*imports, f"from torchsmote import {method}"], lines)

    def drop_columns(self, places: Sequence[int]) -> str:
        """The table without some columns."""
        if self.table.container == "pandas":
            if len(set(self.table.features.names)) < len(self.table.features.names):  # all of a name would go
                kept = call("np.delete", Code("np.arange(X.shape[1])"), columns(places))
                return script([], [f"X_new = X.iloc[:, {kept}]"])
            return f"X_new = X.drop(columns=X.columns[{columns(places)}])"
        if self.table.container == "polars":
            return f"X_new = X.drop([X.columns[place] for place in {_list(places)}])"
        return script([], [f"X_new = {call('np.delete', Code(self.array), columns(places), axis=1)}"])

    def say_categories(self, places: Sequence[int]) -> str:
        """Over-sampling that interpolates only what is not a category."""
        least = int(self.table.counts.min())
        if least < 2:
            return ""
        prepared = self.lacking or self.rounds
        imports, lines = self.ready(scale=self.rounds) if prepared else ([], [])
        rows = "X_ready"
        if not prepared:
            rows = "rows"
            lines = [f"rows = {self._mixed}"]
        where = self.ready_places(places) if prepared else list(places)
        name = "SMOTENC" if len(places) < len(self.table.features.names) else "SMOTEN"
        which: dict[str, Any] = {"categorical_features": where} if name == "SMOTENC" else {}
        if least <= K:
            which["k_neighbors"] = least - 1
        lines += [
            f"resampler = {call(name, **which, random_state=self.seed)}",
            f"X_new, y_new = resampler.fit_resample({rows}, {self.labels})",
        ]
        return script([*imports, f"from torchsmote import {name}"], lines)

    @property
    def _mixed(self) -> str:
        """What a resampler takes that tells categories from numbers: two axes, and no whole numbers."""
        if self.table.features.categorical:
            return self.raw
        return self.mixable if self.table.axes == 2 else f"{self.array}.astype(np.float64)"

    def compress(self) -> str:
        """Principal components that hold 95 % of the variance."""
        imports, lines = self.points()
        imports = [*imports, "from sklearn.decomposition import PCA"]
        return script(imports, [*lines, 'Z_small = PCA(0.95, svd_solver="full").fit_transform(Z)'])


def _list(places: Sequence[int]) -> str:
    return f"range{columns(places)[5:]}" if columns(places).startswith("slice") else columns(places)
