"""The package's shape: which way imports run, and how long things may be."""

from __future__ import annotations

import ast
import json
import statistics
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "torchsmote"

# A module may import from its own floor (but never in a circle) and from lower ones. Every new module needs
# a line here, and so a thought about where it belongs.
FLOORS = {
    "__main__": 8,
    "cli": 7,
    "experiment": 6,
    "evaluate": 6,
    "method_names": 6,
    "lightning": 6,
    "skorch": 6,
    "transformers": 6,
    "combine": 5,
    "streamed": 5,
    "data": 5,
    "distributed": 5,
    "nn": 5,
    "datasets": 5,
    "other_targets": 4,
    "over_sampling": 4,
    "under_sampling": 4,
    "resampler": 3,
    "engines": 3,
    "mixed_reading": 3,
    "mixed_tables": 3,
    "categories": 3,
    "table_reading": 3,
    "tables": 3,
    "constraint": 3,
    "recipe": 2,
    "recipe_file": 2,
    "origin": 2,
    "draws": 2,
    "layout": 2,
    "votes": 2,
    "targets": 2,
    "strategy": 2,
    "random": 2,
    "isolation": 2,
    "variants": 2,
    "parameters": 2,
    "tags": 2,
    "table_columns": 1,
    "neighbors": 1,
    "progress": 1,
    "threads": 1,
    "devices": 0,
    "extras": 0,
    "exceptions": 0,
    "process_group": 0,
    "whole_files": 0,
    "short_text": 0,
}
OPTIONAL = {
    "imblearn",
    "pandas",
    "polars",
    "matplotlib",
    "rich",
    "jsonargparse",
    "pyarrow",
    "lightning",
    "transformers",
    "accelerate",
    "torchdata",
    "tensordict",
    "skorch",
    "dask",
    "mlxtend",
    "jinja2",
    "shtab",
    "selenium",
}


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


PATHS = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in PATHS.items()}
MODULES = pytest.mark.parametrize("name", PATHS)


def imports(name: str, tree: ast.AST) -> list[tuple[str, list[str]]]:
    """Our own modules that ``tree`` imports, each with the names taken from it."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, []) for alias in node.names if alias.name.split(".")[0] == "torchsmote"]
        elif isinstance(node, ast.ImportFrom):
            above = name.split(".") if PATHS[name].name == "__init__.py" else name.split(".")[:-1]
            above = above[: len(above) - node.level + 1] if node.level else []
            source = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names if source.split(".")[0] == "torchsmote" else ():
                child = f"{source}.{alias.name}"
                found.append((child, []) if child in PATHS else (source, [alias.name]))
    return found


def floor(name: str) -> int:
    if name == "torchsmote":
        return max(FLOORS.values())  # the public face sees all; nothing may import it
    assert name.split(".")[1] in FLOORS, f"{name} has no floor: add it to FLOORS"
    return FLOORS[name.split(".")[1]]


@MODULES
def test_imports_run_downwards(name):
    for target, _ in imports(name, TREES[name]):
        assert target != "torchsmote", f"{name} imports the public face"
        assert floor(target) <= floor(name), f"{name} imports {target}, which stands above it"


def test_imports_run_in_no_circle():
    graph = {name: {target for target, _ in imports(name, tree)} - {name} for name, tree in TREES.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_every_floor_is_lived_on():
    assert set(FLOORS) == {name.split(".")[1] for name in PATHS if name != "torchsmote"}


@MODULES
def test_no_underscored_name_crosses_a_module(name):
    modules = {target.split(".")[-1] for target, names in imports(name, TREES[name]) if not names}
    private = [part for _, names in imports(name, TREES[name]) for part in names if part.startswith("_")]
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
            private += [node.attr] if node.attr.startswith("_") else []
    assert not private


@MODULES
def test_no_import_of_our_own_inside_a_function(name):
    functions = (node for node in ast.walk(TREES[name]) if isinstance(node, ast.FunctionDef))
    assert not [(node.name, imports(name, node)) for node in functions if imports(name, node)]


@MODULES
def test_module_is_short(name):
    assert len(PATHS[name].read_text(encoding="utf-8").splitlines()) <= 250


def test_modules_are_mostly_shorter():
    lengths = [len(path.read_text(encoding="utf-8").splitlines()) for path in PATHS.values()]
    assert statistics.median(lengths) <= 150


def code_lines(name: str) -> dict[str, int]:
    """Lines of each function without its docstring, comments and empty lines."""
    text = PATHS[name].read_text(encoding="utf-8").splitlines()
    found = {}
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.FunctionDef):
            lines = set(range(node.lineno, node.end_lineno + 1))
            first = node.body[0]
            if ast.get_docstring(node) is not None:
                lines -= set(range(first.lineno, first.end_lineno + 1))
            code = [text[line - 1].strip() for line in lines]
            found[f"{name}.{node.name}:{node.lineno}"] = sum(bool(s) and not s.startswith("#") for s in code)
    return found


def test_functions_can_be_seen_whole():
    lengths = {key: count for name in PATHS for key, count in code_lines(name).items()}
    assert not {key: count for key, count in lengths.items() if count > 45}
    assert sorted(lengths.values())[int(0.95 * len(lengths))] <= 35


# Which of our files asks for an optional package matters, not whether it is loaded: scikit-learn itself
# imports pandas where it finds it.
_WATCH = f"""
import builtins, json, sys
asked, plain = [], builtins.__import__
def watching(name, globals=None, *args, **kwargs):
    who = (globals or {{}}).get("__name__", "")
    if name.split(".")[0] in {OPTIONAL!r} and (who.startswith("torchsmote") or who == "__main__"):
        asked.append(f"{{who}}: {{name}}")
    return plain(name, globals, *args, **kwargs)
builtins.__import__ = watching
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {OPTIONAL!r}:
            raise ModuleNotFoundError(name, name=name)
if "without" in sys.argv:
    sys.meta_path.insert(0, Absent())
"""


def asked_for(statement: str, *args: str) -> list[str]:
    code = f"{_WATCH}\n{statement}\nprint(json.dumps(asked))"
    done = subprocess.run([sys.executable, "-c", code, *args], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_import_asks_for_no_optional_package():
    assert asked_for("import torchsmote; torchsmote.SMOTE") == []


def test_it_works_without_the_optional_packages():
    table = "[[0.0], [1], [2], [3], [4]], [0, 0, 0, 1, 1]"
    use = f"import torchsmote; torchsmote.SMOTE(k_neighbors=1).fit_resample({table})"
    asked_for(use, "without")


def test_the_watch_sees_an_import():
    assert asked_for("import pandas") == ["__main__: pandas"]
    with pytest.raises(AssertionError, match="ModuleNotFoundError"):
        asked_for("import pandas", "without")
