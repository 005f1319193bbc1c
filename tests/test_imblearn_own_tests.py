"""imbalanced-learn's own tests, run over our classes by imblearn_swap/plugin.py, in a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from imblearn_swap.plugin import EXCEPTIONS, SWAPPED

SWAP = Path(__file__).with_name("imblearn_swap")
# Module -> how many of its tests there are at least (the last depends on scikit-learn's version). Modules,
# not packages: tests of classes that are not swapped need not be collected only to be deselected.
MODULES = {
    "imblearn.combine.tests.test_smote_enn": 6,
    "imblearn.combine.tests.test_smote_tomek": 5,
    "imblearn.over_sampling.tests.test_random_over_sampler": 29,
    "imblearn.over_sampling.tests.test_adasyn": 3,
    "imblearn.over_sampling.tests.test_common": 5,
    "imblearn.over_sampling._smote.tests.test_smote": 3,
    "imblearn.over_sampling._smote.tests.test_borderline_smote": 4,
    "imblearn.over_sampling._smote.tests.test_kmeans_smote": 12,
    "imblearn.over_sampling._smote.tests.test_smote_nc": 21,
    "imblearn.over_sampling._smote.tests.test_smoten": 5,
    "imblearn.over_sampling._smote.tests.test_svm_smote": 3,
    "imblearn.under_sampling._prototype_selection.tests.test_tomek_links": 7,
    "imblearn.under_sampling._prototype_selection.tests.test_edited_nearest_neighbours": 5,
    "imblearn.under_sampling._prototype_selection.tests.test_repeated_edited_nearest_neighbours": 7,
    "imblearn.under_sampling._prototype_selection.tests.test_allknn": 5,
    "imblearn.under_sampling._prototype_generation.tests.test_cluster_centroids": 9,
    "imblearn.under_sampling._prototype_selection.tests.test_condensed_nearest_neighbour": 5,
    "imblearn.under_sampling._prototype_selection.tests.test_one_sided_selection": 5,
    "imblearn.under_sampling._prototype_selection.tests.test_random_under_sampler": 12,
    "imblearn.under_sampling._prototype_selection.tests.test_nearmiss": 3,
    "imblearn.under_sampling._prototype_selection.tests.test_neighbourhood_cleaning_rule": 2,
    "imblearn.under_sampling._prototype_selection.tests.test_instance_hardness_threshold": 7,
    "imblearn.tests.test_common": 600,
}


def run(*args: str, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    paths = [
        str(SWAP.parent),
        *([str(path)] if path else []),
        *filter(None, [os.environ.get("PYTHONPATH")]),
    ]
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-c", "pytest.ini", "-p", "imblearn_swap.plugin", "--pyargs", *args],
        cwd=SWAP,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        check=False,
    )


def counts(output: str) -> dict[str, int]:
    last = output.strip().splitlines()[-1]
    return {word: int(number) for number, word in re.findall(r"(\d+) ([a-z]+)", last)}


def test_our_classes_pass_imbalanced_learns_own_tests():
    done = run(*MODULES)
    report = done.stdout[-4000:] + done.stderr[-2000:]
    print(report)
    assert done.returncode == 0, report
    assert "stale exception" not in done.stdout, report
    found = counts(done.stdout)
    assert found["passed"] + found["xfailed"] + found.get("skipped", 0) >= sum(MODULES.values()), found
    assert found["xfailed"] >= len(EXCEPTIONS), found  # and those that imbalanced-learn marks
    for name in SWAPPED:
        assert re.search(rf"^swapped torchsmote\S*\.{name}: .*'passed': \d", done.stdout, re.MULTILINE), name


BROKEN = """
from torchsmote import SMOTE as Sound

class SMOTE(Sound):
    def fit_resample(self, X, y):
        X_new, y_new = super().fit_resample(X, y)
        return X_new + 0.01, y_new
"""


def test_a_broken_class_is_found_out(tmp_path):
    package = tmp_path / "broken"
    package.mkdir()
    (package / "__init__.py").write_text(BROKEN, encoding="utf-8")
    done = run("imblearn.over_sampling._smote.tests.test_smote", "--swap-from=broken", path=tmp_path)
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout[-2000:] + done.stderr[-2000:]
    assert counts(done.stdout)["failed"] == 3
    assert "swapped broken.SMOTE" in done.stdout
