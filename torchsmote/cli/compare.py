"""``torchsmote compare``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from ..evaluate import compare as measure
from ..extras import import_extra
from .columns import check_numbers
from .frames import feature_frame, read_frame
from .inputs import Input, add_report, check_report, read_input, show, write_report
from .options import add_table, as_options, names_in, positive, strategy_for, strategy_in
from .status import Parser
from .words import noting

__all__ = ["compare", "compare_parser"]

_MODELS = {
    "mlp": lambda: None,
    "logistic": lambda: LogisticRegression(max_iter=1000),
    "boosting": HistGradientBoostingClassifier,
}


def compare(words: Sequence[str]) -> int:
    """Measure whether resampling helps: methods side by side on the same folds, without leakage."""
    import_extra("pyarrow", "cli")
    asked = compare_parser().parse_args(words)
    check_report(asked)
    with noting(), as_options():
        given = read_input(asked, [asked.group] if asked.group else [])
        check_numbers(given.file, given.found, given.columns)
        found = _measured(asked, given)
        write_report(found, asked.report)
    show(found, asked)
    return 0


def compare_parser() -> Parser:
    """Its options."""
    parser = Parser(prog="torchsmote compare", description=compare.__doc__)
    add_table(parser)
    several: dict[str, Any] = {"action": "append", "default": []}
    parser.add_argument(
        "--method", **several, type=names_in, metavar="M", help="Such as smote,borderline (default: smote)."
    )
    parser.add_argument(
        "--model", choices=tuple(_MODELS), default="mlp", help="What is trained (default: mlp)."
    )
    parser.add_argument(
        "--metric", **several, type=names_in, metavar="M", help="Such as pr_auc,brier; the verdict's first."
    )
    parser.add_argument("--k", **several, type=positive, help="Neighbours; repeat the option to try several.")
    parser.add_argument(
        "--strategy",
        **several,
        type=strategy_in,
        metavar="S",
        help="As in resample; repeat it to try several.",
    )
    parser.add_argument("--group", metavar="COL", help="Rows of a group are never on both sides of a split.")
    parser.add_argument("--splits", type=positive, default=5, help="Folds (default: 5).")
    parser.add_argument("--repeats", type=positive, default=2, help="How often they are cut (default: 2).")
    parser.add_argument("--jobs", type=int, default=1, help="Processes (default: 1); -1: one for each core.")
    parser.add_argument(
        "--resume", type=Path, metavar="FILE", help="Keep finished fits there, and go on from those it has."
    )
    add_report(parser)
    return parser


def _measured(asked: Any, given: Input) -> Any:
    labels = given.found.labels
    grid = {
        "k_neighbors": asked.k,
        "sampling_strategy": [strategy_for(one, labels) for one in asked.strategy],
    }
    X = feature_frame(given.file, given.found, given.columns, given.watch)
    groups = None if asked.group is None else read_frame(given.file, given.found, [asked.group])[asked.group]
    try:
        return measure(
            X,
            labels.values,
            methods=[name for names in asked.method for name in names] or ["SMOTE"],
            model=_MODELS[asked.model](),
            metrics=[name for names in asked.metric for name in names] or None,
            groups=groups,
            n_splits=asked.splits,
            n_repeats=asked.repeats,
            grid={name: values for name, values in grid.items() if values} or None,
            seed=asked.seed,
            n_jobs=asked.jobs,
            resume=asked.resume,
        )
    except KeyboardInterrupt as interrupt:
        if asked.resume is None:
            raise
        kept = f"finished fits are kept in {asked.resume}, and the same command goes on from there"
        interrupt.args = (kept,)
        raise
