"""Every piece of code that a diagnosis prints runs as it stands, given X and y."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch
from diagnosis_tables import FAULTS, MORE, clouds
from scipy import sparse

from torchsmote.evaluate import diagnose


def run(code, X, y):
    """The names that the code left."""
    names = {"X": X, "y": y}
    exec(compile(code, "code", "exec"), names)
    return names


def mixed(gaps=False):
    """A frame of floats, whole numbers, text, bools and pandas categories; categories may be missing."""
    X, y = clouds((160, 30), apart=2.0)
    rng = np.random.default_rng(0)
    towns = np.array(["Rome", "Oslo", "Łódź"], dtype=object)[rng.integers(0, 3, len(X))]
    if gaps:
        X[::9, 1] = np.nan
        towns[::7] = None
    frame = pd.DataFrame(X * [1, 200, 1, 1], columns=["a", "b b", 'c"', "d"])
    frame.insert(1, "town", towns)
    more = {"flag": rng.random(len(X)) < 0.5, "age": rng.integers(0, 90, len(X))}
    return frame.assign(**more, kind=pd.Categorical(rng.choice(list("xyz"), len(X)))), y


def doubled(X, y):
    """With some rows twice."""
    if isinstance(X, pd.DataFrame):
        return pd.concat([X, X.iloc[:9]], ignore_index=True), np.append(y, y[:9])
    return np.concatenate([X, X[:9]]), np.append(y, y[:9])


def whole_numbers():
    X, y = clouds((160, 30), apart=2.0)
    return np.column_stack([X * 9, y + 4 * np.random.default_rng(0).integers(0, 2, len(y))]).astype(
        np.int64
    ), y


def long_labels():
    X, y = clouds((200, 30, 7, 20), apart=2.0)
    return X, np.array(["a" * 90, 'b"\n' * 30, "c", "d" * 50])[y]


def gaps_and_text_in_an_array():
    frame, y = mixed(gaps=True)
    return frame.drop(columns="kind").to_numpy(dtype=object), y


def infinite():
    X, y = clouds((160, 30), apart=2.0)
    X[3, 0], X[7, 1] = np.inf, -np.inf
    return X, y


def infinite_and_text():
    X, y = infinite()
    return pd.DataFrame(X, columns=list("abcd")).assign(town=np.where(np.arange(len(y)) % 3, "Rome", "Oslo"))


def flags():
    y = np.repeat([0, 1], [160, 30])
    return (np.random.default_rng(0).random((190, 3, 2)) < (0.2 + 0.5 * y)[:, None, None]), y


def hollow():
    X, y = clouds((160, 30), apart=2.0)
    return np.column_stack([X * [1, 1, 1, 99], np.full(len(X), np.nan), np.ones(len(X))]), y


TABLES = {
    **{name: lambda make=make: make()[:2] for name, make in (FAULTS | MORE).items()},
    "mixed": lambda: doubled(*mixed()),
    "mixed with gaps": lambda: doubled(*mixed(gaps=True)),
    "mixed array with gaps": gaps_and_text_in_an_array,
    "mixed names": lambda: (mixed()[0].rename(columns={"town": 7}), mixed()[1]),
    "words": lambda: (mixed()[0][["town", "flag", "kind"]], mixed()[1]),
    "whole numbers": lambda: doubled(*whole_numbers()),
    "whole list": lambda: tuple(part.tolist() for part in whole_numbers()),
    "long labels": long_labels,
    "images": lambda: (clouds(apart=1.5)[0].reshape(-1, 2, 2), clouds()[1]),
    "tensor": lambda: tuple(map(torch.from_numpy, doubled(*clouds((160, 30), apart=2.0)))),
    "whole tensor": lambda: tuple(map(torch.from_numpy, whole_numbers())),
    "sparse": lambda: (sparse.csr_matrix(doubled(*clouds())[0]), doubled(*clouds())[1]),
    "polars": lambda: (pl.DataFrame(clouds(apart=2.0)[0]), pl.Series(clouds()[1])),
    "bfloat16": lambda: (torch.from_numpy(clouds(apart=2.0)[0]).bfloat16(), clouds()[1]),
    "with gradient": lambda: (torch.from_numpy(clouds(apart=2.0)[0]).requires_grad_(), clouds()[1].tolist()),
    "sparse tensor": lambda: (torch.from_numpy(clouds(apart=2.0)[0]).to_sparse(), clouds()[1]),
    "flags of three axes": lambda: (torch.from_numpy(flags()[0]), flags()[1]),
    "whole numbers of three axes": lambda: (flags()[0] * 2, flags()[1]),
    "infinite objects": lambda: (infinite_and_text().to_numpy(dtype=object), infinite()[1]),
    "infinite frame": lambda: (infinite_and_text(), infinite()[1]),
    "infinite polars": lambda: (pl.from_pandas(infinite_and_text()), infinite()[1]),
    "infinite": infinite,
    "hollow": hollow,
    "all constant": lambda: (np.ones((60, 2)), np.repeat([0, 1], (50, 10))),
    "single row": lambda: clouds((50, 20, 1), apart=2.0),
    "two rows": lambda: clouds((50, 2), apart=2.0),
    "balanced": lambda: clouds((50, 50), apart=2.0),
}


@pytest.fixture(scope="module")
def diagnosed():
    """Each table with its diagnosis."""
    made = {name: make() for name, make in TABLES.items()}
    return {name: (X, y, diagnose(X, y)) for name, (X, y) in made.items()}


@pytest.mark.filterwarnings("ignore:The number of unique classes is greater than:UserWarning")
@pytest.mark.parametrize("name", TABLES)
def test_code_runs(diagnosed, name, capsys):
    X, y, diagnosis = diagnosed[name]
    for finding in diagnosis.findings:
        run(finding.code, X, y)
        assert max(map(len, finding.code.split("\n"))) <= 79, finding.code
    run(diagnosis.recommendation.code, X, y)
    assert max(map(len, diagnosis.recommendation.code.split("\n"))) <= 76


@pytest.mark.parametrize("name", TABLES)
def test_the_advised_rows_are_those_that_were_told(diagnosed, name):
    X, y, diagnosis = diagnosed[name]
    advice = diagnosis.recommendation
    if not advice.resample:
        assert "fit_resample" not in advice.code
        return
    labels = np.asarray(run(advice.code, X, y)["y_new"])
    before = dict(zip(*np.unique(np.asarray(y), return_counts=True), strict=True))
    after = dict(zip(*np.unique(labels, return_counts=True), strict=True))
    if isinstance(advice.sampling_strategy, dict):
        assert after == before | advice.sampling_strategy
    else:
        assert min(after.values()) == int(advice.sampling_strategy * max(before.values()) + 1e-9)


def test_repeated_rows_are_gone():
    X, y = clouds()
    X, y = np.concatenate([X, X[:40]]), np.append(y, y[:40])
    code = next(own.code for own in diagnose(X, y).findings if own.name == "duplicates")
    names = run(code, X, y)
    np.testing.assert_array_equal(names["X_new"], X[:400])
    np.testing.assert_array_equal(names["y_new"], y[:400])


@pytest.mark.parametrize("kind", ["array", "objects", "pandas", "polars"])
def test_gaps_and_both_zeros_are_equal(kind):
    frame, y = mixed(gaps=True)
    frame = doubled(frame.drop(columns="kind"), y)[0]
    X, y = frame, np.append(y, y[:9])
    if kind == "array":
        X = frame[["a", "b b", "d"]].to_numpy()
        X[5], X[-4] = [0.0, np.inf, np.nan], [-0.0, np.inf, np.nan]  # row 5 and its copy
    elif kind == "objects":
        X = frame.to_numpy(dtype=object)
    elif kind == "polars":
        X = pl.DataFrame({name: frame[name].tolist() for name in frame}, strict=False)
    found = next(own for own in diagnose(X, y).findings if own.name == "duplicates")
    assert found.value == pytest.approx(9 / 199)
    names = run(found.code, X, y)
    assert len(names["X_new"]) == len(names["y_new"]) == 190


def test_columns_of_one_name_are_dropped_by_place():
    X, y = clouds()
    frame = pd.DataFrame(np.column_stack([X, np.ones(len(X))]), columns=list("aabca"))
    found = next(own for own in diagnose(frame, y).findings if own.name == "constant")
    assert found.message == '1 column holds one value only: "a".'
    np.testing.assert_array_equal(run(found.code, frame, y)["X_new"], X)


def test_equal_rows_stay_in_one_part():
    X, y, split = FAULTS["leakage"]()
    code = next(own.code for own in diagnose(X, y, split=split).findings if own.name == "leakage")
    names = run(code, X, y)
    again = diagnose(X, y, split=(names["train"], names["test"]))
    assert "leakage" not in {own.name for own in again.findings}


def test_the_rows_without_a_friend_are_listed(capsys):
    X, y = clouds((190, 30), apart=1.0)
    X[y == 1] += [0, 0, 0, 3.0]
    X[np.flatnonzero(y == 1)[:7], 3] -= 3.0
    diagnosis = diagnose(X, y)
    code = next(own.code for own in diagnosis.findings if own.name == "noise")
    run(code, X, y)
    listed = capsys.readouterr().out.strip("[]\n").split()
    assert len(listed) == round(diagnosis.classes[1].noise * 30)
