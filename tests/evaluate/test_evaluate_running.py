"""Fits run once each, alike in any number of processes, and a file of them is worth as much as a run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from comparison_fakes import contender, contenders, table
from joblib import parallel_config

from torchsmote.evaluate.comparison.contender import Predictions
from torchsmote.evaluate.comparison.folds import make_folds
from torchsmote.evaluate.comparison.judging import judge
from torchsmote.evaluate.comparison.resume import fit_file, header
from torchsmote.evaluate.comparison.running import run_fits
from torchsmote.evaluate.comparison.task import read_task
from torchsmote.evaluate.metrics import class_curves

METRICS = ("pr_auc", "f1")
SKILLED = {"good": 0.1, "poor": 3.0}


def run(
    entered, path=None, *, n_jobs=1, progress=False, n_splits=2, n_repeats=2, seed=0, data=None, **changed
):
    task = read_task(*(data or table()))
    metrics = changed.get("metrics", METRICS)
    folds = make_folds(task, n_splits=n_splits, n_repeats=n_repeats, seed=seed)
    with fit_file(path, header(task, metrics=metrics, n_splits=n_splits, seed=seed)) as file:
        return run_fits(entered, task, folds, metrics, file=file, n_jobs=n_jobs, progress=progress)


def untimed(outcomes):
    return [replace(outcome, fit=replace(outcome.fit, seconds=0.0)) for outcome in outcomes]


def counted(path, **skilled):
    return [contender(name, noise=noise, counts_in=path) for name, noise in skilled.items()]


def lines(path):
    return len(path.read_text().splitlines()) if path.exists() else 0


def test_outcomes_come_by_contender_and_fold():
    outcomes = run(contenders(**SKILLED))
    places = [(outcome.fit.method, outcome.fit.repeat, outcome.fit.fold) for outcome in outcomes]
    names = ["nothing, tuned threshold", "good", "poor"]
    assert places == [(name, repeat, fold) for name in names for repeat in range(2) for fold in range(2)]
    assert all(outcome.fit.n_train == 30 for outcome in outcomes)


def test_a_run_leaves_the_threads_of_torch_as_they_were():
    threads = torch.get_num_threads()
    run(contenders(good=0.1))
    assert torch.get_num_threads() == threads


def test_only_the_first_fold_keeps_a_picture():
    outcomes = run(contenders(good=0.1, poor=3.0))
    pictured = [(o.fit.method, o.fit.repeat, o.fit.fold) for o in outcomes if o.picture]
    assert pictured == [("good", 0, 0)]
    (picture,) = [o.picture for o in outcomes if o.picture]
    assert picture.title == "good"
    assert (sum(picture.synthetic), len(picture.x)) == (3, 33)


@pytest.mark.parametrize(("n_classes", "curved"), [(2, [1]), (3, [0, 1, 2])])
def test_a_fit_is_judged_class_by_class(n_classes, curved):
    task = read_task(*table(90, n_classes))
    fold = make_folds(task, n_splits=2, n_repeats=1, seed=0)[1]
    y, rng = task.y[fold.test], np.random.default_rng(0)
    p = rng.dirichlet(np.ones(n_classes), len(y))
    predicted = rng.integers(0, n_classes, len(y))
    fit = judge("one", task, fold, Predictions(p, {"": predicted}, None, 7), METRICS, 1.5)
    pairs = list(zip(y, predicted, strict=True))
    classes = range(n_classes)
    assert fit.confusion == [[pairs.count((true, said)) for said in classes] for true in classes]
    assert fit.per_class["recall"][1] == pytest.approx(np.mean(predicted[y == 1] == 1))
    assert fit.curves == {place: class_curves(y == place, p[:, place]) for place in curved}
    assert (fit.repeat, fit.fold, fit.n_train, fit.seconds) == (0, 1, 7, 1.5)


def test_warnings_are_gathered_text_by_text():
    outcomes = run([contender("careful", warns="few\n  rows")])
    assert [outcome.warnings for outcome in outcomes] == [{"few rows": 1}] * 4


@pytest.mark.parametrize(
    ("n_jobs", "raised", "seen", "said"),
    [
        (1, ValueError, ValueError, "the formula"),
        (1, ImportError, ImportError, "the formula"),
        (2, ZeroDivisionError, RuntimeError, "ZeroDivisionError: the formula"),
    ],
)
def test_a_fit_that_fails_is_named_and_the_others_are_kept(tmp_path, n_jobs, raised, seen, said):
    path = tmp_path / "fits.jsonl"
    task = read_task(*table())
    bad_seed = make_folds(task, n_splits=2, n_repeats=2, seed=0)[2].seed
    entered = [*contenders(good=0.1), contender("bad", fails_in=bad_seed, error=raised)]
    with pytest.raises(seen, match=f"'bad' failed in repeat 1, fold 0: {said}.*kept in .*fits.jsonl"):
        run(entered, path, n_jobs=n_jobs)
    assert lines(path) > 1
    with pytest.raises(seen, match="with `resume=`"):
        run(entered)


def test_progress_goes_to_standard_error_or_nowhere(capfd, monkeypatch):
    monkeypatch.setattr("torchsmote.progress._SECONDS_BETWEEN_LINES", 0.0)
    run(contenders(good=0.1))
    assert capfd.readouterr() == ("", "")
    run(contenders(good=0.1), progress=True)
    out, err = capfd.readouterr()
    assert out == ""
    assert err.splitlines()[-1] == "comparing 2 methods on 4 folds: 8 of 8"


def test_a_finished_run_is_read_and_not_run_again(tmp_path):
    path, count = tmp_path / "new" / "fits.jsonl", tmp_path / "count"
    entered = counted(count, **SKILLED)
    first = run(entered, path)
    assert lines(count) == 8
    again = run(entered, path)
    assert lines(count) == 8
    assert first == again  # to the last bit, seconds too


def test_more_methods_and_repeats_reuse_what_is_there(tmp_path):
    path, count = tmp_path / "fits.jsonl", tmp_path / "count"
    run(counted(count, good=0.1), path, n_repeats=1)
    more = run(counted(count, poor=3.0, good=0.1), path)
    assert lines(count) == 8
    assert untimed(more) == untimed(run(counted(count, poor=3.0, good=0.1)))


def test_fewer_methods_and_a_new_name_get_their_own_fits(tmp_path):
    path = tmp_path / "fits.jsonl"
    run(contenders(**SKILLED), path)
    (good,) = contenders(good=0.1)[1:]
    outcomes = run([replace(good, name="renamed")], path)
    assert {outcome.fit.method for outcome in outcomes} == {"renamed"}
    assert outcomes[0].picture.title == "renamed"
    assert [o.fit.scores for o in outcomes] == [o.fit.scores for o in run([good])]


def test_contenders_that_do_the_same_run_once(tmp_path):
    count = tmp_path / "count"
    (good,) = counted(count, good=0.1)
    outcomes = run([good, replace(good, name="twin")])
    assert lines(count) == 4
    assert [outcome.fit.method for outcome in outcomes] == ["good"] * 4 + ["twin"] * 4


@pytest.mark.parametrize("cut", [1, 40, 500])
def test_half_a_last_line_is_cut_off(tmp_path, cut):
    path, count = tmp_path / "fits.jsonl", tmp_path / "count"
    entered = counted(count, **SKILLED)
    whole = run(entered, path)
    path.write_bytes(path.read_bytes()[:-cut])
    again = run(entered, path)
    assert lines(count) == 9
    assert untimed(again) == untimed(whole)
    assert len(path.read_text().splitlines()) == 9
    assert all(json.loads(line) for line in path.read_text().splitlines())


def other_table():
    X, y = table()
    X[5, 1] += 1e-12
    return X, y


def other_labels():
    X, y = table()
    y[[0, 2]] = y[[2, 0]]
    return X, y


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"data": other_table()}, "other rows in `X`"),
        ({"data": other_labels()}, "other labels in `y`"),
        ({"data": (table()[0], table()[1] + 1)}, "other labels in `y`"),
        ({"data": (*table(), np.arange(60))}, "other `groups`"),
        ({"seed": 1}, "`seed`=0, but now it is 1"),
        ({"n_splits": 3}, "`n_splits`=2, but now it is 3"),
        ({"metrics": ("f1",)}, r"`metrics`=\['pr_auc', 'f1'\], but now it is \['f1'\]"),
    ],
)
def test_another_comparison_is_refused_by_what_differs(tmp_path, changed, said):
    path = tmp_path / "fits.jsonl"
    run(contenders(good=0.1), path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match=f"`resume`.*{said}"):
        run(contenders(good=0.1), path, **changed)
    assert path.read_bytes() == before


def test_another_version_is_refused(tmp_path):
    path = tmp_path / "fits.jsonl"
    run(contenders(good=0.1), path)
    first, rest = path.read_text().split("\n", 1)
    old = json.loads(first)
    old["versions"]["torch"] = "1.0"
    path.write_text(f"{json.dumps(old)}\n{rest}")
    with pytest.raises(ValueError, match=r"`versions`=.*'torch': '1\.0'"):
        run(contenders(good=0.1), path)


@pytest.mark.parametrize(
    "content", [b"precious,data\n1,2\n", b"no newline", b"{}\n", b"[1]\n", b"\xff\xfe\n"]
)
def test_a_file_of_another_kind_is_refused_and_stays(tmp_path, content):
    path = tmp_path / "notes"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"`resume`.*notes is not a file of a comparison"):
        run(contenders(good=0.1), path)
    assert path.read_bytes() == content


def test_a_damaged_line_is_named(tmp_path):
    path = tmp_path / "fits.jsonl"
    run(contenders(good=0.1), path)
    text = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*text[:2], '{"contender": 3}\n', *text[3:]]))
    with pytest.raises(ValueError, match=r"line 3 of .*fits\.jsonl is damaged"):
        run(contenders(good=0.1), path)


def test_a_file_in_use_is_refused_until_it_is_closed(tmp_path):
    if sys.platform == "win32":
        pytest.skip("no locks there")
    path = tmp_path / "fits.jsonl"
    task = read_task(*table())
    asked = header(task, metrics=METRICS, n_splits=2, seed=0)
    with fit_file(path, asked):
        before = path.read_bytes()
        with pytest.raises(ValueError, match=r"`resume`: another comparison is writing to .*fits\.jsonl"):
            run(contenders(good=0.1), path)
        assert path.read_bytes() == before
    assert len(run(contenders(good=0.1), path)) == 8


def test_a_refused_file_is_not_kept_from_others(tmp_path):
    path = tmp_path / "fits.jsonl"
    run(contenders(good=0.1), path)
    with pytest.raises(ValueError, match="`seed`=0, but now it is 1") as kept:
        run(contenders(good=0.1), path, seed=1)
    assert run(contenders(good=0.1), path)  # with the error and its frames still there
    assert kept.value


@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [
        (5, TypeError, "`resume` must be the name of a file, got 5"),
        (True, TypeError, "`resume` must be the name of a file"),
        (b"fits", TypeError, "`resume` must be the name of a file"),
        ("", ValueError, r"`resume` is a folder \('\.'\)"),
        (Path(__file__).parent, ValueError, "`resume` is a folder"),
        (Path(__file__) / "fits.jsonl", OSError, "`resume`: "),
    ],
    ids=["number", "bool", "bytes", "empty", "folder", "under a file"],
)
def test_what_is_no_file_is_refused(name, kind, said):
    with pytest.raises(kind, match=said):
        fit_file(name, {})


def test_threads_that_a_user_has_configured_are_not_used():
    entered = [contender("careful", warns="few rows")]
    with parallel_config(backend="threading"):
        outcomes = run(entered, n_jobs=2)
    assert [outcome.warnings for outcome in outcomes] == [{"few rows": 1}] * 4
    assert untimed(outcomes) == untimed(run(entered))


KILLED = """
import sys, time
from pathlib import Path
from comparison_fakes import contender
from test_evaluate_running import run

class Slow:
    def __init__(self, formula): self.formula = formula
    def __call__(self, *given, **named):
        time.sleep(0.05)
        return self.formula(*given, **named)

from dataclasses import replace
entered = [replace(one, run=Slow(one.run)) for one in (contender("a", noise=0.1), contender("b", noise=2.0))]
run(entered, Path(sys.argv[1]), n_splits=5, n_repeats=4)
"""


@pytest.mark.parametrize("blow", ["kill", "interrupt"])
def test_a_run_that_was_stopped_goes_on_to_the_same_end(tmp_path, blow):
    path = tmp_path / "fits.jsonl"
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(path)],
        cwd=Path(__file__).parent,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        stderr=subprocess.PIPE,
    )
    while lines(path) < 5 and child.poll() is None:
        time.sleep(0.01)
    child.send_signal(signal.SIGKILL if blow == "kill" else signal.SIGINT)
    _, said = child.communicate()
    assert child.returncode != 0, said
    stopped = lines(path)
    assert 5 <= stopped < 41
    entered = [contender("a", noise=0.1), contender("b", noise=2.0)]
    resumed = run(entered, path, n_splits=5, n_repeats=4)
    assert untimed(resumed) == untimed(run(entered, n_splits=5, n_repeats=4))
    if blow == "interrupt":
        assert b"KeyboardInterrupt" in said
