"""`torchsmote resample`: rows that stay as they are, rows that equal Python's, files whole or not at all."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pyarrow.parquet
import pytest

from torchsmote import (
    ADASYN,
    SMOTE,
    SMOTEENN,
    SMOTENC,
    BorderlineSMOTE,
    ClusterCentroids,
    RandomOverSampler,
    RandomUnderSampler,
)
from torchsmote.cli import main, resampling
from torchsmote.cli.tables import parquet_table, text_rows, writing

REMINDER = "Resample the training split only"


@pytest.fixture
def frame():
    rng = np.random.default_rng(0)
    n = 90
    return pd.DataFrame(
        {
            "größe": rng.normal(size=n),
            "count": rng.integers(0, 50, n),
            "class": np.where(np.arange(n) % 6 == 0, "b, rare", "a"),
            "x": rng.normal(size=n).round(3),
        }
    )


@pytest.fixture
def table(frame, tmp_path):
    path = tmp_path / "in.csv"
    frame.to_csv(path, index=False)
    return path


@pytest.fixture
def run(tmp_path, capsys):
    """Run `resample` on a file; the path written, and what was printed."""

    def start(path, *options, out="out.csv", target="class"):
        to = tmp_path / out
        assert main(["resample", str(path), "-o", str(to), "--target", target, *options]) == 0
        return to, capsys.readouterr()

    return start


def in_python(resampler, frame, target="class"):
    """What fit_resample makes of the frame, with the columns in their order."""
    X, y = resampler.fit_resample(frame.drop(columns=target), frame[target])
    return X.assign(**{target: y})[list(frame.columns)]


def test_rows_equal_those_of_python_and_the_file_comes_first(run, table, frame):
    out, shown = run(table)
    assert out.read_bytes().startswith(table.read_bytes())
    with pytest.warns(UserWarning, match="whole numbers in column 'count'"):
        expected = in_python(SMOTE(random_state=0), frame)
    pd.testing.assert_frame_equal(pd.read_csv(out), expected, check_exact=True)
    narrowest = min(("größe", "x"), key=lambda name: frame[name].std())
    ratio = frame["count"].std() / frame[narrowest].std()
    scales, whole = shown.err.splitlines()
    assert scales.startswith(
        f"torchsmote: note: column 'count' varies {ratio:.0f} times as much as '{narrowest}': distances"
    )
    assert whole == (
        "torchsmote: note: the table has whole numbers in column 'count': synthetic rows are computed in "
        "float and rounded. Where they stand for categories, name the columns in --categorical."
    )
    assert REMINDER in shown.out
    assert max(len(line) for line in shown.out.splitlines() if not line.startswith("Written: ")) <= 80


@pytest.mark.parametrize(
    ("method", "resampler"),
    [
        ("smote", SMOTE),
        ("borderline", BorderlineSMOTE),
        ("ADASYN", ADASYN),
        ("random-over", RandomOverSampler),
    ],
)
@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.filterwarnings("ignore:.*whole numbers")
def test_block_by_block_equals_in_memory(run, frame, tmp_path, monkeypatch, method, resampler, kind):
    monkeypatch.setattr(text_rows, "_READ", 100)
    path = tmp_path / f"in.{kind}"
    frame.to_csv(path, index=False) if kind == "csv" else frame.to_parquet(path, row_group_size=7)
    made = [
        run(path, "--method", method, "--stream", stream, "--seed", "3", out=f"{stream}.{kind}")[0]
        for stream in ("yes", "no")
    ]
    assert made[0].read_bytes() == made[1].read_bytes()
    read = pd.read_csv if kind == "csv" else pd.read_parquet
    expected = in_python(resampler(random_state=3), frame)
    pd.testing.assert_frame_equal(read(made[0]), expected, check_exact=True)


def test_float32_is_computed_as_in_memory(run, frame, tmp_path):
    frame = frame[["größe", "x", "class"]].astype({"größe": "float32", "x": "float32"})
    frame.to_parquet(tmp_path / "in.parquet")
    out, _ = run(tmp_path / "in.parquet", "--stream", "yes", out="out.parquet")
    found = pd.read_parquet(out)
    assert str(found["x"].dtype) == "float32"
    pd.testing.assert_frame_equal(found, in_python(SMOTE(random_state=0), frame), check_exact=True)


@pytest.mark.parametrize("method", ["random-under", "tomek", "nearmiss", "enn"])
def test_under_sampling_keeps_lines_in_their_order(run, table, method):
    out, _ = run(table, "--method", method)
    lines = table.read_text().splitlines()
    kept = out.read_text().splitlines()
    places = [lines.index(line) for line in kept]
    assert places == sorted(places)
    assert len(kept) < len(lines)


def test_a_cleaned_table(run, table, frame):
    out, _ = run(table, "--method", "smote-enn")
    with pytest.warns(UserWarning, match="whole numbers"):
        expected = in_python(SMOTEENN(random_state=0), frame)
    found = pd.read_csv(out)
    order = list(frame.columns)
    pd.testing.assert_frame_equal(
        found.sort_values(order, ignore_index=True), expected.sort_values(order, ignore_index=True)
    )
    real = found[found["größe"].isin(frame["größe"])]
    assert list(real.index) == list(range(len(real)))


def test_cluster_centres(run, table, frame):
    out, _ = run(table, "--method", "clustercentroids")
    with pytest.warns(UserWarning, match="whole numbers"):
        expected = in_python(ClusterCentroids(random_state=0), frame)
    assert len(pd.read_csv(out)) == len(expected)


TRICKY = (
    'id,code,name,flag,"amount, €",y\r\n'
    + "".join(
        f'{i},{i % 3:03},"say ""{i % 2}""\nnew",{i % 2 == 0},1.{i}0,{int(i % 4 == 0)}\r\n' for i in range(40)
    )
    + "\r\n"
    + ",NA,,,7e-3,1"
)


@pytest.fixture
def tricky(tmp_path):
    path = tmp_path / "tricky.csv"
    path.write_text(TRICKY, newline="", encoding="utf-8-sig")
    return path


@pytest.mark.parametrize("read", [60, 97, 1 << 20])
def test_copied_rows_keep_every_byte(run, tricky, monkeypatch, read):
    monkeypatch.setattr(text_rows, "_READ", read)
    out, _ = run(tricky, "--method", "random-over", target="y")
    given = tricky.read_bytes().replace(b"\r\n\r\n", b"\r\n")
    assert out.read_bytes().startswith(given + b"\n" if not given.endswith(b"\n") else given)
    found, before = (pd.read_csv(path, dtype=str, keep_default_na=False) for path in (out, tricky))
    pd.testing.assert_frame_equal(found.iloc[: len(before)], before)
    assert set(map(tuple, found.values)) == set(map(tuple, before.values))
    assert (found["y"] == "0").sum() == (found["y"] == "1").sum()


def test_categories_keep_their_spelling_and_ignored_columns_stay_empty(run, tricky):
    out, shown = run(
        tricky, "--categorical", "code,name,flag", "--ignore", 'id,"amount, €"', "--force", target="y"
    )
    assert "SMOTEN(" in shown.out
    out, shown = run(tricky, "--categorical", "code,name,flag", "--ignore", "id", "--force", target="y")
    found = pd.read_csv(out, dtype=str, keep_default_na=False)
    real, made = found[:41], found[41:]
    assert set(made["id"]) == {""}
    for name in ("code", "name", "flag"):
        assert set(made[name]) <= set(real[name])
    assert set(made["y"]) == {"1"}
    assert "SMOTENC" in shown.out


def test_a_table_of_categories_alone(run, tmp_path):
    path = tmp_path / "in.csv"
    path.write_text("a,b,y\n" + "red,x,0\n" * 9 + "blue,y,1\nred,y,1\n" * 3)
    out, shown = run(path, "--categorical", "a,b", "--k", "2", target="y")
    assert "SMOTEN(" in shown.out
    assert pd.read_csv(out)["y"].value_counts().tolist() == [9, 9]


def test_equal_to_smotenc_of_the_same_frame(run, frame, tmp_path):
    frame["kind"] = np.where(frame["x"] > 0, "up", "down")
    frame = frame.drop(columns="count")
    frame.to_csv(tmp_path / "in.csv", index=False)
    out, _ = run(tmp_path / "in.csv", "--categorical", "kind")
    expected = in_python(SMOTENC(["kind"], random_state=0), frame)
    pd.testing.assert_frame_equal(pd.read_csv(out), expected, check_exact=True)


def test_types_of_parquet_are_kept(run, frame, tmp_path):
    frame = frame.assign(
        small=frame["count"].astype("int16"),
        maybe=pd.array(frame["count"], dtype="Int64"),
        kind=pd.Categorical(np.where(frame["x"] > 0, "up", "down")),
        flag=frame["x"] > 1,
        day=pd.Timestamp("2024-02-29"),
    )
    frame.loc[3, "maybe"] = pd.NA
    path = tmp_path / "in.parquet"
    frame.to_parquet(path)
    out, _ = run(path, "--categorical", "kind,flag,maybe", "--ignore", "day", out="out.parquet")
    found = pd.read_parquet(out)
    assert pyarrow.parquet.read_schema(out).equals(pyarrow.parquet.read_schema(path))
    pd.testing.assert_frame_equal(found[: len(frame)], frame, check_exact=True)
    assert found["day"][len(frame) :].isna().all()
    assert found["maybe"][len(frame) :].isin(frame["maybe"]).all()


def test_the_index_of_a_data_frame_is_no_feature(run, frame, tmp_path):
    path = tmp_path / "in.parquet"
    frame[frame["x"] < 1].to_parquet(path)
    out, _ = run(path, out="out.csv")
    last = out.read_text().splitlines()[-1]
    assert last.endswith(",")
    assert out.read_text().splitlines()[0].endswith("__index_level_0__")


@pytest.mark.parametrize(
    "way", ["in.csv out.parquet back.csv", "in.csv out.tsv back.csv", "in.csv o.csv.gz b.csv"]
)
def test_conversion_keeps_values(run, frame, tmp_path, way):
    first, second, third = (tmp_path / name for name in way.split())
    frame.to_csv(first, index=False)
    run(first, "--method", "random-over", "--strategy", "a=75,b, rare=15", out=second.name)
    run(second, "--method", "random-over", "--strategy", "a=75,b, rare=15", out=third.name)
    pd.testing.assert_frame_equal(pd.read_csv(third), frame, check_exact=True)


@pytest.mark.parametrize(
    ("strategy", "counts"),
    [
        ("auto", [75, 75]),
        ("0.5", [75, 37]),
        ("minority", [75, 75]),
        ("b, rare=40", [75, 40]),
        ("a=80,b, rare=1_00", [80, 100]),
    ],
)
def test_strategies(run, table, strategy, counts):
    out, _ = run(table, "--strategy", strategy)
    assert pd.read_csv(out)["class"].value_counts()[["a", "b, rare"]].tolist() == counts


def test_whole_number_labels_are_sorted_as_numbers(run, frame, tmp_path):
    frame["class"] = np.where(np.arange(90) < 60, 7, np.where(np.arange(90) < 75, 10, 9))
    frame = frame.drop(columns="count")
    frame.to_csv(tmp_path / "in.csv", index=False)
    out, _ = run(tmp_path / "in.csv", "--strategy", "9=20,10=30")
    expected = in_python(SMOTE(random_state=0, sampling_strategy={9: 20, 10: 30}), frame)
    pd.testing.assert_frame_equal(pd.read_csv(out), expected, check_exact=True)


def test_json_alone_on_standard_output(run, table):
    _, shown = run(table, "--json", "--k", "3")
    found = json.loads(shown.out)
    assert found["method"] == "SMOTE(k_neighbors=3, random_state=0)"
    assert (found["rows_in"], found["made"], found["rows_out"]) == (90, 60, 150)
    assert found["classes"][1] == {"class": "b, rare", "rows_in": 15, "kept": 15, "made": 60, "rows_out": 75}
    assert len(found["notes"]) == 2


def test_a_run_repeats_and_another_seed_differs(run, table):
    made = [
        run(table, "--seed", seed, out=f"{place}.csv")[0].read_bytes() for place, seed in enumerate("001")
    ]
    assert made[0] == made[1] != made[2]


def test_force_replaces_even_the_input(run, table, frame):
    before = table.read_bytes()
    out, _ = run(table, "--force", out="in.csv")
    assert out == table
    assert table.read_bytes().startswith(before)
    assert len(pd.read_csv(table)) == 150


@pytest.mark.parametrize("way", ["yes", "no"])
def test_columns_on_different_scales_are_pointed_out(run, tmp_path, way):
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"a": rng.normal(size=60), "b": rng.normal(size=60), "rare": np.arange(60) == 7})
    table = table.assign(rare=table["rare"].astype(int), y=np.arange(60) % 4 == 0)
    for wide, told in ((1.0, False), (1000.0, True)):
        table.assign(b=table["b"] * wide).to_csv(tmp_path / "scales.csv", index=False)
        _, shown = run(tmp_path / "scales.csv", "--stream", way, "--force", target="y")
        assert ("column 'b' varies" in shown.err) == told
        assert "'rare'" not in shown.err.partition("times as much")[2].partition(":")[0]


def test_an_identifier_is_pointed_out(run, frame, tmp_path):
    frame.insert(0, "id", np.arange(100, 190))
    frame.to_csv(tmp_path / "in.csv", index=False)
    _, shown = run(tmp_path / "in.csv")
    assert "column 'id' has a larger whole number in each row" in shown.err
    _, shown = run(tmp_path / "in.csv", "--ignore", "id", "--force")
    assert "'id'" not in shown.err
    # Of unsigned numbers all differences are positive.
    frame.astype({"count": "uint8"}).to_parquet(tmp_path / "in.parquet")
    _, shown = run(tmp_path / "in.parquet", "--ignore", "id", "--force")
    assert "larger whole number" not in shown.err


@pytest.mark.parametrize("stream", ["yes", "no"])
def test_nothing_to_make(run, table, stream):
    out, _ = run(table, "--stream", stream, "--strategy", "a=75,b, rare=15", "--force")
    assert out.read_bytes() == table.read_bytes()


@pytest.mark.parametrize(
    "texts",
    [
        ["TRUE", "false"],
        ["1", "false"],
        ["0.50", "1.500", "10"],
        ["12:30", "11:05"],
        ["2024-02-29T12:00:00Z", "2024-03-01T00:30:00Z"],
        ["NA", "1", "2"],
        ["", "1", "2"],
        ["NA", "null", "EU"],
        ["007", "7"],
    ],
)
def test_categories_that_are_made_are_written_as_in_the_file(run, tmp_path, texts):
    lines = [f"{i}.5,{texts[i % len(texts)]},{int(i % 5 == 0)}" for i in range(48)]
    (tmp_path / "in.csv").write_text("\n".join(["a,t,y", *lines, ""]))
    path, _ = run(tmp_path / "in.csv", "--categorical", "t", target="y")
    made = pd.read_csv(path, dtype=str, keep_default_na=False)[48:]
    assert len(made) == 28
    assert set(made["t"]) <= set(texts)
    assert len(set(made["t"])) > 1


def test_a_first_column_without_a_name_is_an_index(run, frame, tmp_path):
    frame.to_csv(tmp_path / "in.csv")
    out, shown = run(tmp_path / "in.csv", "--strategy", "b, rare=20")
    assert "the first column has no name" in shown.err
    assert "larger whole number" not in shown.err
    assert [line.split(",")[0] for line in out.read_text().splitlines()[-6:]] == ["89", *[""] * 5]
    numbers, _ = run(tmp_path / "in.csv", "--strategy", "b, rare=20", "--force", "--ignore", '""')
    assert numbers.read_bytes() == out.read_bytes()


def test_options_with_names_add_up(run, frame, tmp_path):
    frame.assign(kind="x", other="y").to_csv(tmp_path / "in.csv", index=False)
    out, _ = run(tmp_path / "in.csv", "--ignore", "kind", "--ignore", "other")
    assert out.read_text().splitlines()[-1].endswith(",,")


def test_compressed_files_are_the_same_and_name_no_other(run, table):
    made = [run(table, out=f"{name}.csv.gz")[0].read_bytes() for name in "ab"]
    assert made[0] == made[1]
    assert b"partial" not in made[0]
    assert made[0][4:8] == bytes(4)  # no time


@pytest.mark.parametrize("method", ["smote", "random-over"])
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_wide_table_is_made_a_few_rows_at_a_time(run, frame, tmp_path, monkeypatch, kind, method):
    path = tmp_path / f"in.{kind}"
    frame.to_csv(path, index=False) if kind == "csv" else frame.to_parquet(path)
    words = path, "--method", method, "--stream", "yes", "--force"
    whole = run(*words)[0].read_bytes()
    sizes = []

    def copy(self, block, write=writing._CsvSink.copy):
        sizes.append(len(block))
        write(self, block)

    def make(job, made, codes, table=resampling._whole_table):
        sizes.append(len(codes))
        return table(job, made, codes)

    monkeypatch.setattr(writing._CsvSink, "copy", copy)
    monkeypatch.setattr(resampling, "_whole_table", make)
    monkeypatch.setattr(resampling, "_BYTES", 200)
    monkeypatch.setattr(parquet_table, "_VALUES", 20)
    assert run(*words)[0].read_bytes() == whole
    assert sum(sizes) == 150
    assert max(sizes[1:] if kind == "csv" else sizes) <= 8  # of a CSV file the first is a whole block


@pytest.mark.parametrize("method", ["random-over", "random-under"])
def test_random_rows_equal_those_of_python(run, frame, tmp_path, method):
    frame["class"] = np.where(np.arange(90) < 60, "a", np.where(np.arange(90) < 75, "c", "b"))
    frame.to_csv(tmp_path / "in.csv", index=False)
    over = method == "random-over"
    strategy = {"b": 40, "c": 20} if over else {"a": 30, "c": 12}
    text = ",".join(f"{name}={count}" for name, count in strategy.items())
    out, _ = run(tmp_path / "in.csv", "--method", method, "--strategy", text, "--seed", "5")
    kind = RandomOverSampler if over else RandomUnderSampler
    expected = in_python(kind(sampling_strategy=strategy, random_state=5), frame)
    if not over:
        expected = frame[frame["größe"].isin(expected["größe"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(pd.read_csv(out), expected, check_exact=True)


def test_spelling_keeps_the_values_that_python_makes(run, tmp_path):
    lines = [
        f"{i * i % 17}.5,{('10', '0.50', '1.500')[i % 3]},{('0.0', '1.00')[i % 5 == 0]}" for i in range(60)
    ]
    (tmp_path / "in.csv").write_text("\n".join(["a,t,y", *lines, ""]))
    out, _ = run(tmp_path / "in.csv", "--categorical", "t", "--strategy", "1.0=40", target="y")
    frame = pd.read_csv(tmp_path / "in.csv")
    expected = in_python(SMOTENC(["t"], random_state=0, sampling_strategy={1.0: 40}), frame, "y")
    pd.testing.assert_frame_equal(pd.read_csv(out), expected, check_exact=True)
    assert set(pd.read_csv(out, dtype=str)["y"]) == {"0.0", "1.00"}
    again = ["resample", str(tmp_path / "in.csv"), "-o", str(tmp_path / "no.csv"), "--target", "y"]
    assert main([*again, "--categorical", "t", "--strategy", "1.0=40,1.00=41"]) == 2


def test_types_suit_all_blocks(run, tmp_path, monkeypatch):
    monkeypatch.setattr(text_rows, "_READ", 100)
    kinds = [f"{i}" if i < 30 else "x" for i in range(60)]
    lines = [f"{i * i % 17}.5,{kinds[i]},{int(i % 5 == 0)}" for i in range(60)]
    (tmp_path / "in.csv").write_text("\n".join(["a,t,y", *lines, ""]))
    out, _ = run(tmp_path / "in.csv", "--categorical", "t", target="y")
    assert set(pd.read_csv(out, dtype=str)["t"]) == set(kinds)
