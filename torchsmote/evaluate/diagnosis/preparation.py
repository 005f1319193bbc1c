"""Code that makes an examined table ready: for scikit-learn, for distances, for a resampler, for a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .code_text import Code, call, columns
from .table import Table

__all__ = ["Lines", "Preparation"]

_SHORT = 20  # characters of a label that is written out in code
_NOTHING = Code('"passthrough"')

Lines = tuple[list[str], list[str]]  # imports, and what follows them


@dataclass(frozen=True)
class Preparation:
    """Code for one table; it runs where ``X`` and ``y`` are that table.

    Attributes:
        table: The table.
        scaled: Whether its columns need standardising.
        seed: For what draws.
    """

    table: Table
    scaled: bool
    seed: int

    @property
    def lacking(self) -> bool:
        """Whether numbers are missing."""
        return bool(self.table.facts.missing.any())

    @property
    def array(self) -> str:
        """The table as a numpy array of two axes."""
        array = self.table.on_host
        if self.table.features.categorical and self.table.container == "array":
            array = "np.asarray(X, dtype=object)"
        return array + (".reshape(len(X), -1)" if self.table.axes > 2 else "")

    @property
    def objects(self) -> bool:
        """Whether ``array`` holds objects, whose values may have no order."""
        frame = self.table.container in ("pandas", "polars")
        return bool(self.table.features.categorical) and (frame or self.table.container == "array")

    @property
    def raw(self) -> str:
        """What a resampler takes as it is."""
        categorical = bool(self.table.features.categorical)
        flattened = categorical and (self.table.container == "array" or self.table.axes > 2)
        if flattened or self.table.container == "sparse tensor":
            return self.array
        return "X" if self.table.text_names else "X.rename(columns=str)"

    @property
    def mixable(self) -> str:
        """The same for rows of numbers that are to be mixed: whole numbers would be rounded."""
        if self.table.floating:
            return self.raw
        return "X.double()" if self.table.container == "tensor" else f"{self.array}.astype(np.float64)"

    @property
    def needs_preparing(self) -> bool:
        """Whether a resampler that mixes rows needs ``X_ready``."""
        return self.lacking or self.scaled or self.rounds

    @property
    def rounds(self) -> bool:
        """Whether whole numbers stand beside categories: a resampler would round between them."""
        features = self.table.features
        return bool(features.categorical and features.numerical) and not self.table.floating

    @property
    def labels(self) -> str:
        """The labels as a numpy array."""
        return self.table.labels_on_host

    @property
    def rows(self) -> list[str]:
        """Lines that make ``rows``: what scikit-learn takes, infinities as NaN."""
        lines = [f"rows = {self.array}"]
        if self.table.container in ("pandas", "polars"):  # scikit-learn refuses names of several types
            lines = [f"rows = {self.raw}"]
        if self.table.facts.infinite:
            lines.append(f"rows = {self._finite}")
        return lines

    @property
    def _finite(self) -> str:
        """``rows`` with NaN for what is infinite."""
        if not self.table.features.categorical:
            return "np.where(np.isfinite(rows), rows, np.nan)"
        if self.table.container == "pandas":
            return "rows.replace([np.inf, -np.inf], np.nan)"
        if self.table.container == "polars":
            return "rows.with_columns(cs.float().replace([np.inf, -np.inf], np.nan))"
        return "np.where((rows == np.inf) | (rows == -np.inf), np.nan, rows)"

    @property
    def folds(self) -> int:
        """Folds that every class has a row for, at most 5; below 2 there is no cross-validation."""
        return int(min(5, self.table.counts.min()))

    def label(self, position: int) -> str:
        """A class as code: itself, or where that is long its place among the sorted labels."""
        key = self.table.targets.keys[position]
        plain = isinstance(key, (str, int, float)) and len(repr(key)) <= _SHORT
        return repr(key) if plain else f"np.unique({self.labels})[{position}]"

    def ready(self, *, scale: bool | None = None) -> Lines:
        """Makes ``X_ready`` for a resampler: filled in and scaled, numbers before categories.

        Args:
            scale: Whether to standardise; None: where the columns need it, or would be rounded.
        """
        if scale is None:
            scale = self.scaled or not self.table.floating
        imports, prepare = self._prepared(scale=scale, encode=False)
        lines = [f"prepare = {prepare}", *self.rows, "X_ready = prepare.fit_transform(rows)"]
        return imports, lines

    def ready_places(self, places: Sequence[int]) -> list[int]:
        """Where columns of the table stand in ``X_ready``."""
        order = [*self.table.features.numerical, *self.table.features.categorical]
        return sorted(order.index(place) for place in places)

    def points(self) -> Lines:
        """Makes ``Z``: float64 rows between which distances can be taken."""
        imports, prepare = self._prepared(scale=True, encode=True)
        made = "prepare.fit_transform(rows)"
        if self.table.features.categorical:
            imports = [*imports, "from scipy.sparse import csr_array"]
            made = f"csr_array({made}).toarray()"
        return imports, [f"prepare = {prepare}", *self.rows, f"Z = {made}.astype(np.float64)"]

    def model(self) -> Lines:
        """Makes ``model``, a plain classifier with all that the columns need, and its ``rows``."""
        imports, prepare = self._prepared(scale=True, encode=True)
        imports = [
            *imports,
            "from sklearn.linear_model import LogisticRegression",
            "from sklearn.pipeline import make_pipeline",
        ]
        return imports, [
            f"prepare = {prepare}",
            "model = make_pipeline(prepare, LogisticRegression(max_iter=5000))",
            *self.rows,
        ]

    def _prepared(self, *, scale: bool, encode: bool) -> tuple[list[str], Code]:
        """Imports, and an expression of what fills in, scales and (``encode``) encodes the columns."""
        features = self.table.features
        steps, imports = self._steps(scale)
        numbers = Code(call("make_pipeline", *steps)) if steps else _NOTHING
        if steps:
            imports.append("from sklearn.pipeline import make_pipeline")
        if not features.categorical:
            return imports, numbers
        imports.append("from sklearn.compose import make_column_transformer")
        categories = _NOTHING
        if encode:
            imports.append("from sklearn.preprocessing import OneHotEncoder")
            categories = Code('OneHotEncoder(handle_unknown="ignore")')
        parts = [(numbers, features.numerical)] if features.numerical else []
        parts.append((categories, features.categorical))
        pairs = [Code(f"({what}, {columns(where)})") for what, where in parts]
        return imports, Code(call("make_column_transformer", *pairs))

    def _steps(self, scale: bool) -> tuple[list[Code], list[str]]:
        """What fills in and scales the columns of numbers, and its imports."""
        steps, imports = [], []
        if self.lacking:
            imports.append("from sklearn.impute import SimpleImputer")
            empty = bool((self.table.facts.missing == len(self.table)).any())
            more = {"keep_empty_features": True} if empty else {}
            steps.append(Code(call("SimpleImputer", strategy="median", **more)))
        if scale and self.table.features.numerical:
            imports.append("from sklearn.preprocessing import StandardScaler")
            steps.append(Code("StandardScaler()"))
        return steps, imports
