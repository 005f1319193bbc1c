"""The code that the image example and the study share: parts, scores, and what every method starts from."""

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import train_images
import yaml
from images.methods import METHODS
from images.parts import load_parts
from images.runs import Result, check_methods, run_methods
from images.scores import Scores, calibration_error, score, shots
from images.settings import Settings, read_settings
from images.training import Trainer

from torchsmote import tau_normalize

CONFIGS = Path(__file__).parents[2] / "configs"
DIGITS = Settings(data="digits", imbalance_ratio=20, steps=12, head_epochs=1, autoencoder_epochs=1)


@pytest.fixture(scope="module")
def parts():
    return load_parts(DIGITS)


def test_groups_are_cut_at_20_and_100_images():
    assert shots(np.array([500, 101, 100, 20, 19, 1])).tolist() == [
        *["many"] * 2,
        *["medium"] * 2,
        *["few"] * 2,
    ]


def test_calibration_error_of_a_case_by_hand():
    p = np.array([[0.9, 0.1], [0.9, 0.1], [0.3, 0.7], [0.55, 0.45]])
    y = np.array([0, 1, 1, 1])
    # bins of width 1/15: (0.9, 0.9): half right, 0.4 off, 2 rows; 0.7: right, 0.3 off; 0.55: wrong, 0.55 off
    assert calibration_error(p, y) == pytest.approx((2 * 0.4 + 0.3 + 0.55) / 4)
    assert calibration_error(p, y, bins=1) == pytest.approx(abs(0.5 - (0.9 + 0.9 + 0.7 + 0.55) / 4))


def test_calibration_error_at_the_ends():
    sure = np.array([[1.0, 0.0], [1.0, 0.0]])
    assert calibration_error(sure, np.array([0, 0])) == 0
    assert calibration_error(sure, np.array([1, 1])) == 1
    assert calibration_error(np.full((2, 2), 0.5), np.array([0, 1])) == 0


def test_scores_of_a_case_by_hand():
    logits = torch.tensor([[9.0, 0, 0], [9, 0, 0], [0, 9, 0], [9, 0, 0], [0, 0, 9], [0, 9, 0]])
    y = torch.tensor([0, 0, 1, 1, 2, 2])
    found = score(logits, y, torch.tensor([200, 50, 49]))
    assert (found.accuracy, found.many, found.medium, found.few) == (pytest.approx(4 / 6), 1.0, 0.5, None)
    assert found.macro_f1 == pytest.approx(np.mean([4 / 5, 2 / 4, 2 / 3]))


@pytest.mark.parametrize("data", ["mnist", "digits"])
def test_every_key_of_a_config_is_there_and_explained(data):
    path = CONFIGS / f"{data}_lt.yaml"
    settings = read_settings([f"--config={path}"])
    assert settings.data == data
    text = path.read_text()
    assert set(yaml.safe_load(text)) == set(Settings.__dataclass_fields__)
    assert all(block.startswith("#") for block in text.split("\n\n"))


@pytest.mark.parametrize(
    ("key", "value"), [("steps", 0), ("batch_size", 0), ("start_share", 1.5), ("threads", 0)]
)
def test_a_value_out_of_range_is_named(key, value):
    with pytest.raises(ValueError, match=f"`{key}` must be"):
        Settings(**{key: value})


def test_parts_hold_pixels_in_0_to_1_and_as_many_of_each_digit(parts):
    assert parts.validation.y.bincount().tolist() == [10] * 10
    assert parts.test.y.bincount().tolist() == [40] * 10
    for part in parts:
        assert part.x.shape[1:] == (1, 8, 8)
        assert (part.x.min(), part.x.max()) == (0, 1)


def test_figures_are_of_the_part_asked_for():
    accuracy = {}
    for part in ("validation", "test"):
        (result,) = run_methods(replace(DIGITS, methods=["plain"], part=part))
        accuracy[part] = result.scores.accuracy
    model = Trainer(load_parts(DIGITS), DIGITS)
    assert accuracy["validation"] == pytest.approx(model.validated(model.plain()))
    assert accuracy["test"] != accuracy["validation"]


def test_every_training_starts_from_the_same_weights_and_the_plain_one_is_copied(parts):
    run = Trainer(parts, replace(DIGITS, learning_rate=1e-12, weight_decay=0.0, steps=1))
    one, other = run.plain(), run.train(loss=torch.nn.CrossEntropyLoss(torch.arange(10.0)))
    for a, b in zip(one.parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(a, b, atol=1e-9, rtol=0)
    with torch.no_grad():
        one.head.weight.zero_()
    assert run.plain().head.weight.abs().sum() > 0


def test_every_training_takes_the_same_number_of_steps(parts):
    seen = []

    class Counting(torch.nn.CrossEntropyLoss):
        def forward(self, logits, target):
            seen.append(len(target))
            return super().forward(logits, target)

    run = Trainer(parts, DIGITS)
    run.train(loss=Counting())
    run.train(run.batches(run.x.repeat(3, 1, 1, 1), run.y.repeat(3)), loss=Counting())
    assert seen == [DIGITS.batch_size] * (2 * DIGITS.steps)


def test_a_part_smaller_than_a_batch_is_refused(parts):
    with pytest.raises(ValueError, match="`batch_size`=4096"):
        Trainer(parts, replace(DIGITS, batch_size=4096)).plain()


@pytest.mark.parametrize("name", METHODS)
def test_method_runs_and_repeats_without_touching_the_plain_network(name, parts):
    predicted = []
    for _ in range(2):
        run = Trainer(parts, DIGITS)
        before = [p.clone() for p in run.plain().parameters()]
        predicted.append(METHODS[name](run)(parts.train.x[:7]).detach())
        for p, q in zip(before, run.plain().parameters(), strict=True):
            assert torch.equal(p, q)
    assert predicted[0].shape == (7, 10)
    assert predicted[0].isfinite().all()
    assert torch.equal(*predicted)


def test_prior_correction_adds_the_missing_log_share(parts):
    run = Trainer(parts, DIGITS)
    moved = METHODS["plain (prior-corrected)"](run)(run.x[:3]) - METHODS["plain"](run)(run.x[:3])
    expected = -(run.counts / len(run.y)).log().expand(3, 10)
    torch.testing.assert_close(moved.detach(), expected, atol=1e-5, rtol=0)


def test_power_of_tau_is_the_best_on_validation_images(parts):
    run = Trainer(parts, DIGITS)
    candidates = [run.validated(tau_normalize(run.plain(), tenths / 10)) for tenths in range(11)]
    assert run.validated(METHODS["head tau"](run)) == max(candidates)


def test_deferred_weights_begin_late(parts):
    plain, late = (
        METHODS[name](Trainer(parts, replace(DIGITS, start_share=1.0))).head.weight
        for name in ("plain", "class weights (deferred)")
    )
    weighted, early = (
        METHODS[name](Trainer(parts, replace(DIGITS, start_share=0.0))).head.weight
        for name in ("class weights", "class weights (deferred)")
    )
    torch.testing.assert_close(late, plain)
    torch.testing.assert_close(early, weighted)
    assert not torch.equal(early, late)


def test_results_come_one_by_one_in_the_order_asked():
    names = ["class weights", "plain"]
    assert [result.method for result in run_methods(replace(DIGITS, methods=names))] == names


def test_the_plain_training_is_counted_once_and_for_the_plain_method(monkeypatch):
    trained = []

    def slow(run, *_, **__):
        trained.append(run)
        time.sleep(0.5)
        return lambda images: images.flatten(1)[:, :10]

    monkeypatch.setattr(Trainer, "train", slow)
    for names in (["plain", "plain (prior-corrected)"], ["plain (prior-corrected)", "plain"]):
        seconds = {result.method: result.seconds for result in run_methods(replace(DIGITS, methods=names))}
        assert seconds["plain"] >= 0.5 > 0.4 > seconds["plain (prior-corrected)"]
    assert len(trained) == 2


def test_an_unknown_method_is_named():
    with pytest.raises(ValueError, match="'magic'; known are: plain, "):
        check_methods(["plain", "magic"])


def test_table_fits_100_columns_and_shows_what_is_missing():
    results = [
        Result(name, Scores(1.0, 1.0, None, 0.5, 1.0, 0.123), 1234.5)
        for name in ["plain", max(METHODS, key=len)]
    ]
    _, first, second = train_images.table(DIGITS, results).splitlines()
    assert first.split() == ["plain", "100.0", "100.0", "-", "50.0", "100.0", "12.3", "1234.5"]
    assert second.startswith(f"{results[1].method} ")
    lines = [*train_images.table(DIGITS, results).splitlines(), *train_images.NOTES.splitlines()]
    assert max(map(len, lines)) <= 100


def test_methods_that_are_no_list_are_told_how_to_be_one():
    with pytest.raises(ValueError, match=r"`methods` must be a list, such as --methods"):
        read_settings(["--methods", "plain"])
