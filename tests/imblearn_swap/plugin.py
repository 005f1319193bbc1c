"""A pytest plugin that runs imbalanced-learn's own tests over torchsmote's classes.

Loaded with ``-p imblearn_swap.plugin`` before anything is collected, it puts our class under the name of
imbalanced-learn's, in the package that its tests import from. Its test modules, its table of constructor
arguments and its discovery of estimators all read that name, so nothing else is patched. Tests that touch
none of the swapped classes are deselected; each that is left is checked to see our class.
"""

from __future__ import annotations

import re
from collections import Counter
from importlib import import_module
from pathlib import Path
from types import CodeType

import pytest

OURS_PACKAGE = "torchsmote"

# Class name -> the imbalanced-learn package that exports it. To swap in a further class, add a line.
SWAPPED = {
    "ADASYN": "over_sampling",
    "AllKNN": "under_sampling",
    "BorderlineSMOTE": "over_sampling",
    "ClusterCentroids": "under_sampling",
    "CondensedNearestNeighbour": "under_sampling",
    "EditedNearestNeighbours": "under_sampling",
    "InstanceHardnessThreshold": "under_sampling",
    "KMeansSMOTE": "over_sampling",
    "NearMiss": "under_sampling",
    "NeighbourhoodCleaningRule": "under_sampling",
    "OneSidedSelection": "under_sampling",
    "RandomOverSampler": "over_sampling",
    "RandomUnderSampler": "under_sampling",
    "RepeatedEditedNearestNeighbours": "under_sampling",
    "SMOTE": "over_sampling",
    "SMOTEENN": "combine",
    "SMOTETomek": "combine",
    "SMOTEN": "over_sampling",
    "SMOTENC": "over_sampling",
    "SVMSMOTE": "over_sampling",
    "TomekLinks": "under_sampling",
}

TAKES_ANY_CONTENT = {"RandomOverSampler", "RandomUnderSampler", "SMOTEN", "SMOTENC"}

# Test (``*`` matches anything) -> why it must fail here. Strict: one that passes, or no longer exists, is an
# error, so that no stale excuse stays.
EXCEPTIONS = {
    f"tests/test_common.py::test_estimators_compatibility_sklearn[{name}(*)-check_dtype_object]": (
        "a table of dtype object is refused, not guessed to be numeric: it may hold categories"
    )
    for name in SWAPPED.keys() - TAKES_ANY_CONTENT
}

OURS: dict[str, type] = {}
_matched: set[str] = set()
_outcomes: Counter[tuple[str, str]] = Counter()


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--swap-from``: another package to take the classes from, to see that a broken one is found out."""
    parser.addoption("--swap-from", default=OURS_PACKAGE, help="package with classes in place of ours")


def pytest_configure(config: pytest.Config) -> None:
    """Swap the classes before any test module, or imbalanced-learn's table of estimators, is imported."""
    stand_in, package_of_ours = (
        import_module(name) for name in (config.getoption("--swap-from"), OURS_PACKAGE)
    )
    for name, package in SWAPPED.items():
        ours = getattr(stand_in, name, None) or getattr(package_of_ours, name)
        module = import_module(f"imblearn.{package}")
        theirs = getattr(module, name)
        assert theirs is not ours, f"{name} was swapped before"
        setattr(module, name, ours)
        for base in theirs.__mro__:
            # isinstance in their checks asks for it; without it, these checks would pass by doing nothing.
            if base.__module__ == f"imblearn.{package}.base":
                base.register(ours)
        OURS[name] = ours


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests of swapped classes, and mark the exceptions."""
    kept = [item for item in items if classes_under_test(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept
    if config.getoption("--swap-from") != OURS_PACKAGE:
        return  # the exceptions are ours, not those of a stand-in
    for item in kept:
        for pattern, reason in EXCEPTIONS.items():
            if re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), short_id(item), re.DOTALL):
                _matched.add(pattern)
                item.add_marker(pytest.mark.xfail(reason=reason, strict=True))


def classes_under_test(item: pytest.Item) -> set[str]:
    """Names of the swapped classes that a test is about.

    A parametrised test is about the estimators among its parameters, if they are not scikit-learn's and so
    only arguments; any other, about the names it reads.
    """
    if not isinstance(item, pytest.Function):
        return set()
    params = item.callspec.params.values() if hasattr(item, "callspec") else ()
    classes = [value if isinstance(value, type) else type(value) for value in params]
    estimators = {
        cls.__name__ for cls in classes if hasattr(cls, "fit") and not cls.__module__.startswith("sklearn.")
    }
    return (estimators or _names(item.function.__code__)) & set(SWAPPED)


def _names(code: CodeType) -> set[str]:
    inner = (const for const in code.co_consts if isinstance(const, CodeType))
    return set(code.co_names).union(*map(_names, inner))


def short_id(item: pytest.Item) -> str:
    """The test's address inside imbalanced-learn: ``over_sampling/tests/test_adasyn.py::test_ada_init``."""
    parts = Path(item.path).parts
    return "/".join(parts[parts.index("imblearn") + 1 :]) + f"::{item.name}"


def pytest_runtest_call(item: pytest.Item) -> None:
    """The class under test is ours: in the test module's own names, and in its parameters."""
    assert isinstance(item, pytest.Function)
    for name in classes_under_test(item):
        assert item.function.__globals__.get(name, OURS[name]) is OURS[name], f"{name} is not ours"
        for value in item.callspec.params.values() if hasattr(item, "callspec") else ():
            cls = value if isinstance(value, type) else type(value)
            assert cls.__name__ != name or cls is OURS[name], f"{cls.__module__}.{name} is not ours"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    """Count outcomes by class."""
    report = yield
    if report.when == "call" or report.outcome != "passed":
        outcome = "xfailed" if hasattr(report, "wasxfail") and report.skipped else report.outcome
        _outcomes.update((name, outcome) for name in classes_under_test(item))
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line for each class; the stale exceptions by name."""
    for name in SWAPPED:
        counts = {outcome: n for (of, outcome), n in sorted(_outcomes.items()) if of == name}
        terminalreporter.write_line(f"swapped {OURS[name].__module__}.{name}: {counts}")
    for pattern in set(EXCEPTIONS) - _matched:
        terminalreporter.write_line(f"stale exception, matches no test: {pattern}")
