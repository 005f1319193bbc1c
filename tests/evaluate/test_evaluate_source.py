"""Python for arguments: run, it makes them again; what it cannot make it names."""

from __future__ import annotations

import functools

import imblearn.over_sampling
import numpy as np
import pytest
import torch
from sklearn.calibration import CalibratedClassifierCV
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC
from torch import nn

from torchsmote import SMOTE, SMOTEENN
from torchsmote.evaluate import TorchModel
from torchsmote.evaluate.comparison.source import Source
from torchsmote.short_text import short_text


def made_again(value):
    source = Source()
    text = source.of(value)
    assert source.undefined == []
    names = {}
    exec("\n".join(source.imports), names)
    return eval(text, names)


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        -3,
        0.1,
        float("inf"),
        "it's\n</script>",
        [1, (2,), ()],
        {"a": [None], 2: {}},
        nn.Linear,
        TorchModel(steps=20, hidden=(3,)),
        TorchModel(nn.Linear),
    ],
    ids=repr,
)
def test_values_are_made_again(value):
    assert made_again(value) == value


@pytest.mark.parametrize("value", [np.arange(3), np.float64(0.5), torch.tensor([0.5, 2.0])], ids=str)
def test_numbers_of_arrays_become_those_of_python(value):
    assert made_again(value) == value.tolist()


@pytest.mark.parametrize(
    "value",
    [
        LogisticRegression(C=0.1, class_weight={"a": 1.0, "b": 7.5}, max_iter=12345, tol=1e-9, solver="saga"),
        SMOTEENN(smote=SMOTE(k_neighbors=3)),
        imblearn.over_sampling.SMOTE(sampling_strategy=dict.fromkeys("abcdefghi", 10**6)),
    ],
    ids=["longer than a short text", "nested", "of another library"],
)
def test_estimators_are_made_again_whole(value):
    again = made_again(value)
    assert type(again) is type(value)
    assert short_text(again) == short_text(value)


def test_a_pipeline_is_made_again_with_functions_and_splitters():
    steps = [
        ("scale", StandardScaler()),
        ("log", FunctionTransformer(np.log1p)),
        ("svm", CalibratedClassifierCV(SVC(C=2), cv=StratifiedKFold(3, shuffle=True, random_state=1))),
    ]
    again = made_again(Pipeline(steps))
    assert [name for name, _ in again.steps] == ["scale", "log", "svm"]
    assert again.steps[1][1].func is np.log1p
    assert again.steps[2][1].estimator.C == 2
    assert repr(again.steps[2][1].cv) == repr(steps[2][1].cv)


def test_classes_of_the_same_name_are_told_apart():
    first, second = made_again([SMOTE(k_neighbors=3), imblearn.over_sampling.SMOTE(k_neighbors=4)])
    assert (type(first), type(second)) == (SMOTE, imblearn.over_sampling.SMOTE)


def test_what_no_module_has_gets_a_name_of_its_own():
    def build(n_features, n_classes):
        return nn.Linear(n_features, n_classes)

    class Own(LogisticRegression):
        pass

    values = [
        build,
        lambda: 1,
        lambda: 2,
        build,
        TorchModel(build, steps=3),
        Own(C=2),
        functools.partial(build),
    ]
    source = Source(taken=["build"])
    assert source.of(values) == (
        "[build_2, my_function, my_function_2, build_2, TorchModel(build=build_2, steps=3), Own(C=2), "
        "my_partial]"
    )
    assert source.undefined == ["build_2", "my_function", "my_function_2", "Own", "my_partial"]
    assert source.imports == {"from torchsmote.evaluate import TorchModel"}
