"""diagnose: each finding where a table was made to have it, and only there; the advice; text and JSON."""

from __future__ import annotations

import json
from unicodedata import east_asian_width

import numpy as np
import pandas as pd
import pytest
import torch
from diagnosis_tables import FAULTS, MORE, clean, clouds
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from torchsmote.evaluate import Diagnosis, diagnose
from torchsmote.evaluate.diagnosis.findings import FINDINGS


def named(diagnosis):
    return {finding.name: finding for finding in diagnosis.findings}


@pytest.fixture(scope="module")
def diagnoses():
    """One diagnosis of each table."""
    made = {name: make() for name, make in (FAULTS | MORE).items()}
    return {name: diagnose(X, y, split=split) for name, (X, y, split) in made.items()}


def test_a_clean_table_has_its_imbalance_told_and_nothing_else(diagnoses):
    assert list(named(diagnoses["clean"])) == ["imbalance"]
    assert named(diagnoses["clean"])["imbalance"].value == 9


@pytest.mark.parametrize("name", FINDINGS)
def test_a_fault_is_found(diagnoses, name):
    found = named(diagnoses[name])[name]
    assert found.severity in ("warning", "problem")
    assert isinstance(found.value, float)
    assert found.message.endswith(".")
    assert found.action.endswith(".")
    assert found.code


VALUES = {
    "imbalance": 198,
    "few_samples": 5,
    "scattered": 2,
    "duplicates": 40 / 440,
    "constant": 1,
    "categorical": 2,
    "missing": 41 / 400,
    "leakage": 0.1,
}


@pytest.mark.parametrize("name", VALUES)
def test_its_number_is_that_of_the_fault(diagnoses, name):
    assert named(diagnoses[name])[name].value == pytest.approx(VALUES[name])


def test_messages_say_the_numbers(diagnoses):
    messages = {name: named(diagnoses[name])[name].message for name in FINDINGS}
    assert "198 times the rows" in messages["imbalance"]
    assert "9.1 % of the rows repeat" in messages["duplicates"]
    assert "10 of 100" in messages["leakage"]
    assert '"town"' in messages["categorical"]
    assert '"code"' in messages["categorical"]
    assert "10.2 % of the rows lack a value, in 2 columns" in messages["missing"]
    assert '"column 3" varies' in messages["unscaled"]


def test_near_duplicates_and_tight_clusters_are_found(diagnoses):
    found = named(diagnoses["near-duplicates"])["duplicates"]
    assert found.value == 1
    assert '100.0 % of the rows of class "1" are near-copies' in found.message
    assert "tight clusters" in found.message


def test_what_identifies_rows_is_to_be_left_out():
    X, y = clouds()
    frame = pd.DataFrame(X, columns=list("abcd"))
    days = pd.date_range("2024-01-01", periods=len(X)).astype(str)
    told = named(diagnose(frame.assign(id=np.arange(len(X)) * 3 + 7, day=days), y))["categorical"]
    assert "2 columns have another value in nearly every row" in told.message
    assert '"id" and "day"' in told.message
    assert "Leave out" in told.action
    names = {"X": frame.assign(id=np.arange(len(X))), "y": y}
    told = named(diagnose(names["X"], y))["categorical"]
    assert (told.severity, told.value) == ("warning", 1)
    exec(told.code, names)
    assert list(names["X_new"].columns) == list("abcd")
    shuffled = frame.assign(size=np.random.default_rng(0).permutation(len(X)))
    assert "nearly every row" not in str(diagnose(shuffled, y))


def test_near_copies_in_another_class_are_none():
    X, y = clouds((360, 120), apart=2.0)
    rare = np.flatnonzero(y == 1)
    X[rare] = X[np.flatnonzero(y == 0)[: len(rare)]] + 1e-4
    assert "duplicates" not in named(diagnose(X, y))


def test_guessing_is_among_the_classes_that_can_be_judged():
    found = named(diagnose(*clouds((60, 20, 1), apart=0.5)))["overlap"]
    assert "guessing would be wrong for 50.0 %" in found.message  # of one row nothing can be said


def test_more_columns_than_rows_are_told():
    X, y = clouds((80, 15), apart=4.0)
    X = X @ np.random.default_rng(0).standard_normal((4, 120))
    diagnosis = diagnose(X, y)
    assert "more columns (120) than rows (95)" in named(diagnosis)["high_dimension"].message
    assert diagnosis.recommendation.method == "SMOTE"
    assert "try RandomUnderSampler, too" in diagnosis.recommendation.message


def test_columns_at_the_edge_of_a_rule():
    X, y = clouds((60, 20), apart=6.0)
    rng = np.random.default_rng(0)
    rare_flag = (np.arange(80) < 2) * 1e-3  # varies little, but on no scale
    codes = rng.integers(0, 9, 80)  # 9 values, fewer than 10 rows each: no codes
    hollow = np.where(np.arange(80) % 2, np.nan, X[:, 0])  # half of it is missing: mostly
    found = named(diagnose(np.column_stack([X, rare_flag, codes, hollow]), y))
    assert "unscaled" not in found
    assert found["categorical"].severity == "info"
    assert found["missing"].message.endswith('in 1 column: "column 6"; "column 6" mostly.')
    assert 'left out of distances: "column 4".' in diagnose(np.column_stack([X, hollow]), y).sampled
    one = np.r_[np.zeros(60), np.zeros(10), np.full(10, 90.0)] + rng.standard_normal(80)
    assert "scattered" not in named(diagnose(one[:, None], np.repeat([0, 1], [60, 20])))


def test_rows_with_two_labels_are_told():
    X, y = clouds()
    found = named(diagnose(np.concatenate([X, X[:40]]), np.concatenate([y, 1 - y[:40]])))["duplicates"]
    assert "18.2 % equal a row of another class" in found.message


@pytest.mark.parametrize("name", [*FAULTS, *MORE])
def test_the_gravest_come_first(diagnoses, name):
    gravity = [("problem", "warning", "info").index(own.severity) for own in diagnoses[name].findings]
    assert gravity == sorted(gravity)


@pytest.mark.parametrize("name", [*FAULTS, *MORE])
def test_text_fits_80_columns_and_ends_in_the_advice(diagnoses, name):
    text = str(diagnoses[name])
    assert max(map(len, text.split("\n"))) <= 80
    assert [line for line in text.split("\n") if line in ("Findings", "Recommendation")] == [
        "Findings",
        "Recommendation",
    ]
    assert not [line for line in text.split("\n") if line != line.rstrip()]


@pytest.mark.parametrize("name", [*FAULTS, *MORE])
def test_json_is_strict(diagnoses, name):
    text = json.dumps(diagnoses[name].to_dict(), allow_nan=False)  # a numpy type would be refused
    back = json.loads(text)
    assert back["n_rows"] == diagnoses[name].n_rows
    assert [own["name"] for own in back["findings"]] == [own.name for own in diagnoses[name].findings]
    assert back["settings"]["code"].startswith("from torchsmote import diagnose")


def test_long_names_and_control_characters_break_no_line():
    X, y = clouds((300, 40, 5))
    label = np.array(["a" * 500, "b\n\x1b[2J" * 90, "c " * 200])
    frame = pd.DataFrame(X * [1, 1, 1, 99], columns=["w" * 300, "x\n", "<script>", "y" * 99])
    diagnosis = diagnose(frame.assign(**{"z" * 200: 1.0}), label[y])
    text = str(diagnosis)
    assert max(map(len, text.split("\n"))) <= 80
    assert "\x1b" not in text
    assert diagnosis.classes[0].label == "a" * 500
    json.dumps(diagnosis.to_dict(), allow_nan=False)


def test_wide_letters_take_two_columns():
    X, y = clouds((300, 40, 5))
    frame = pd.DataFrame(X * [1, 1, 1, 99], columns=[20 * "类", "别", "c", "한국어"])
    lines = str(diagnose(frame, np.array([40 * "類", "b", "e\u0301"])[y])).split("\n")
    taken = [sum(1 + (east_asian_width(letter) in "WF") for letter in line) for line in lines]
    assert max(taken) <= 80
    rows = [n - line.count("\u0301") for n, line in zip(taken, lines, strict=True) if line.endswith(" %")]
    assert len(set(rows)) == 1  # the columns of the table stand below each other


def test_many_classes_are_counted_not_listed():
    X, y = clouds((30,) * 50)
    text = str(diagnose(X + 0 * y[:, None], y))
    assert "... 38 classes between" in text
    assert len(text.split("\n")) < 60


# --- the advice ---


def test_smote_is_advised_where_it_is_worth_a_try():
    advice = diagnose(*clouds((980, 20), apart=2.5)).recommendation
    assert (advice.resample, advice.method, advice.sampling_strategy, advice.k_neighbors) == (
        True,
        "SMOTE",
        0.25,
        5,
    )
    assert diagnose(*clouds((880, 120), apart=2.5)).recommendation.sampling_strategy == 0.43


def test_several_classes_get_counts_and_the_smallest_sets_k():
    advice = diagnose(*clouds((600, 200, 30, 7, 2), apart=2.5)).recommendation
    assert advice.method == "SMOTE"
    assert advice.sampling_strategy == {2: 150, 3: 150}  # 1 is mild, 4 has too few rows
    assert advice.k_neighbors == 4  # a training part of four fifths has 5 rows of class 3


def mostly_hidden():
    """80 % of the rare rows are scattered among the others."""
    X, y = clouds((970, 30), apart=0.0)
    X[np.flatnonzero(y == 1)[:6]] += 9.0
    return X, y


def shuffled_labels():
    X, y = clouds((950, 50))
    return X, np.random.default_rng(0).permutation(y)


AGAINST = {
    "as good as balanced": lambda: clouds((55, 45), apart=2.0),
    "mild": lambda: clouds((75, 25), apart=2.0),
    "too few to say": lambda: clouds((200, 3), apart=1.0),
    "next to nothing to win": lambda: clouds((190, 10), apart=40.0),
    "by guessing": shuffled_labels,
    "only other classes around": mostly_hidden,
    "as far as so few rows can show": lambda: clouds((60, 12), apart=0.0, seed=18),
    "times as far away as the nearest": lambda: clouds((360, 40), d=300, apart=30.0),
    "collect more rows of class": lambda: clouds((2, 1)),
    "No neighbours could be searched": lambda: (np.ones((100, 3)), np.repeat([0, 1], (90, 10))),
}


@pytest.mark.parametrize("why", AGAINST)
def test_resampling_is_advised_against(why):
    advice = diagnose(*AGAINST[why]()).recommendation
    assert why in advice.message
    assert advice.message.startswith("Do not resample")
    assert (advice.resample, advice.method, advice.sampling_strategy, advice.k_neighbors) == (
        False,
        None,
        None,
        None,
    )


def test_of_many_classes_one_that_is_lost_is_not_drowned_by_those_that_are_told_apart():
    X, y = clouds((200, *30 * (60,), 40), d=31, apart=40.0)
    X[y == 31] = np.random.default_rng(0).standard_normal((40, 31))
    X[y == 31, 0] += 2.0  # at the edge of class 0
    diagnosis = diagnose(X, y)
    assert "overlap" not in named(diagnosis)  # a mean over 32 classes
    assert diagnosis.recommendation.sampling_strategy == {31: 86}
    X[y == 31, 0] += 90.0
    assert "next to nothing to win" in diagnose(X, y).recommendation.message


def test_copies_that_flatter_the_neighbors_are_told():
    X, y = clouds((900, 60), apart=2.0)
    rare = np.flatnonzero(y == 1)
    X[rare[30:]] = X[rare[:30]]
    advice = diagnose(X, y).recommendation
    assert '100.0 % of the rows of class "1" equal another row' in advice.message
    assert "equal another row" not in diagnose(X.round(), y).recommendation.message  # whole numbers do so


def test_the_method_follows_from_the_columns(diagnoses):
    assert diagnoses["categorical"].recommendation.method == "SMOTENC"
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], (180, 20))
    words = pd.DataFrame(
        {f"c{i}": np.where(rng.random(200) < 0.4, "a", np.array(["b", "c"])[y]) for i in "123"}
    )
    assert diagnose(words, y).recommendation.method == "SMOTEN"


# --- containers and odd tables ---


def test_any_container_says_the_same(device):
    X, y = clouds(apart=2.5)
    wanted = diagnose(X, y)
    tables = {
        "float32": X.astype(np.float32),
        "tensor": torch.from_numpy(X).to(device),
        "list": X.tolist(),
        "pandas": pd.DataFrame(X),
        "sparse": sparse.csr_matrix(X),
        "axes": X.reshape(-1, 2, 2),
    }
    for name, table in tables.items():
        labels = torch.from_numpy(y).to(device) if name == "tensor" else y
        found = diagnose(table, labels)
        assert found.classes == wanted.classes, name
        assert [own.name for own in found.findings] == [own.name for own in wanted.findings], name
        assert isinstance(found, Diagnosis)


@pytest.mark.parametrize("labels", [["yes", "no"], [True, False], [-1.0, 1.0], ["", "é"]])
def test_any_labels(labels):
    X, y = clouds()
    assert {own.label for own in diagnose(X, np.array(labels)[y]).classes} == set(map(str, labels))


@pytest.mark.parametrize(
    "X",
    [
        [[0.0], [1.0], [2.0]],
        [[1.0, 1.0]] * 3,
        [[np.nan], [1.0], [2.0]],
        [[np.nan]] * 3,
        [["a"], ["b"], [None]],
        [[0.0, "a"], [1.0, "b"], [2.0, "a"]],
        [[1e300], [-1e300], [1.7e308]],
        [[5e-324], [0.0], [1e-300]],
        [[np.inf], [-np.inf], [0.0]],
    ],
    ids=["one column", "constant", "a gap", "nothing", "words", "mixed", "huge", "tiny", "infinite"],
)
def test_three_rows_are_enough(X):
    diagnosis = diagnose(X, [0, 0, 1])
    assert max(map(len, str(diagnosis).split("\n"))) <= 80
    json.dumps(diagnosis.to_dict(), allow_nan=False)
    assert not diagnosis.recommendation.resample


def test_inputs_are_not_changed():
    X, y, _ = FAULTS["missing"]()
    before = X.copy(), y.copy()
    diagnose(X, y)
    np.testing.assert_array_equal(X, before[0])
    np.testing.assert_array_equal(y, before[1])


def test_a_column_that_is_mostly_missing_costs_no_rows():
    X, y = clouds()
    hollow = np.where(np.arange(len(X)) % 10, np.nan, 1.0 + np.arange(len(X)))
    diagnosis = diagnose(np.column_stack([X, hollow]), y)
    assert diagnosis.classes == diagnose(X, y).classes
    assert 'Mostly missing, and left out of distances: "column 4".' in diagnosis.sampled


# --- what must not matter ---


def test_the_same_seed_gives_the_same_diagnosis_for_any_number_of_threads():
    X, y = clouds(apart=2.5)
    before = torch.get_num_threads()
    try:
        found = []
        for threads in (1, 2):
            torch.set_num_threads(threads)
            found.append(diagnose(X.round(2), y, seed=3).to_dict())
    finally:
        torch.set_num_threads(before)
    assert found[0] == found[1]


@settings(max_examples=15)
@given(seed=st.integers(0, 2**32 - 1), power=st.lists(st.integers(-40, 40), min_size=4, max_size=4))
def test_neither_the_order_of_rows_nor_the_scale_of_columns_matters(seed, power):
    X, y = clouds((60, 15), apart=2.0, seed=seed)
    wanted = diagnose(X, y)
    order = np.random.default_rng(seed).permutation(len(y))
    found = diagnose(X[order] * 2.0 ** np.array(power), y[order])
    assert found.classes == wanted.classes
    assert found.recommendation.method == wanted.recommendation.method
    ours, theirs = named(wanted), named(found)
    for name in ("imbalance", "noise", "scattered", "overlap", "duplicates"):
        assert (name in ours) == (name in theirs)
        assert name not in ours or ours[name].value == pytest.approx(theirs[name].value)


# --- bad input ---

X, Y = clouds((20, 10))


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ((X, np.zeros(30)), ValueError, "`y` needs to have more than 1 class"),
        ((X, Y[:-1]), ValueError, "`X` and `y` must have the same number of rows, got 30 and 29"),
        ((X[:, 0], Y), ValueError, "`X` must be a table"),
        ((X[:0], Y[:0]), ValueError, "`X` is empty"),
        ((X, np.where(Y, np.nan, 0)), ValueError, "`y` has a missing"),
    ],
)
def test_bad_tables_are_refused(arguments, error, words):
    with pytest.raises(error, match=words):
        diagnose(*arguments)


@pytest.mark.parametrize(
    ("split", "error", "words"),
    [
        ([0, 1, 2], TypeError, "`split` must be a pair"),
        (5, TypeError, "`split` must be a pair"),
        (([0, 1], []), ValueError, "the test part is empty"),
        (([0, 1], [30]), ValueError, "names row 30, but `X` has rows 0 to 29"),
        (([0, 1], [-1]), ValueError, "names row -1"),
        (([0, 1], [1, 2]), ValueError, "1 row in both parts, the first is row 1"),
        (([0, 0], [1, 2]), ValueError, "the train part names a row twice"),
        (([0.5], [1.0]), TypeError, "must be row numbers"),
        ((None, [1]), TypeError, "must be row numbers"),
        ((Y == 0, Y == 1), TypeError, "np.flatnonzero"),
    ],
)
def test_bad_splits_are_refused(split, error, words):
    with pytest.raises(error, match=words):
        diagnose(X, Y, split=split)


@pytest.mark.parametrize(("seed", "error"), [(-1, ValueError), (0.5, TypeError), (None, TypeError)])
def test_bad_seeds_are_refused(seed, error):
    with pytest.raises(error, match="`seed`"):
        diagnose(X, Y, seed=seed)


def test_a_table_without_leakage_says_nothing_of_it():
    train, test = np.arange(15), np.arange(15, 30)
    assert "leakage" not in named(diagnose(X, Y, split=(train, torch.from_numpy(test))))
    assert clean()[2] is None


# --- the picture ---


def test_the_picture_shows_rows_as_the_advised_method_makes_them():
    X, y = clouds((2800, 40), apart=2.5)
    drawn = diagnose(X, y).picture
    assert drawn.note.startswith("2,0")
    assert drawn.note.endswith("of 2,840 rows, drawn at random; rare classes keep more of theirs")
    made = [label for label, synthetic in zip(drawn.labels, drawn.synthetic, strict=True) if synthetic]
    assert made == ["1"] * (2800 // 4 - 40)
    real = np.array([(a, b) for a, b, s in zip(drawn.x, drawn.y, drawn.synthetic, strict=True) if not s])
    new = np.array([(a, b) for a, b, s in zip(drawn.x, drawn.y, drawn.synthetic, strict=True) if s])
    rare = real[np.array(drawn.labels[: len(real)]) == "1"]
    assert len(rare) == 40
    assert (new >= rare.min(0) - 1e-3).all()  # between rows of the class, so within its box
    assert (new <= rare.max(0) + 1e-3).all()


def test_no_picture_of_one_column_and_no_synthetic_rows_without_advice(diagnoses):
    assert diagnose(clouds(d=1)[0], clouds(d=1)[1]).picture is None
    assert not any(diagnoses["noise"].picture.synthetic)
