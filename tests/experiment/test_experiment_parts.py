"""The demo's parts: settings, split, model, scores, interval, report."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from scipy import stats
from sklearn.metrics import balanced_accuracy_score, f1_score

from torchsmote.experiment import METHODS, PRESETS, Settings, TabularMLP, read_settings
from torchsmote.experiment.differences import Difference, paired_difference
from torchsmote.experiment.report import render_report, verdicts
from torchsmote.experiment.scores import METRICS, Labelled, best_thresholds, score
from torchsmote.experiment.settings import with_data
from torchsmote.experiment.summary import MEASURES, MeanSpread, Summary
from torchsmote.experiment.tables import load_table, split_table
from torchsmote.experiment.threads import torch_threads

CONFIGS = Path(__file__).parents[2] / "configs"


@pytest.mark.parametrize("name", ["kdd04", "digits"])
def test_config_file_is_the_preset_and_explains_every_key(name):
    path = CONFIGS / f"{name}.yaml"
    assert read_settings(["--config", str(path)])[0] == PRESETS[name]
    assert set(yaml.safe_load(path.read_text())) == set(Settings.__dataclass_fields__)
    for paragraph in path.read_text().strip().split("\n\n"):
        assert paragraph.startswith("#")


def test_option_beats_file_beats_preset(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text("data: digits\nseeds: 3\nsteps: 7\n")
    settings, _ = read_settings(["--config", str(path), "--steps", "9"])
    assert settings == replace(PRESETS["digits"], seeds=3, steps=9)


def test_fall_back_keeps_what_was_changed():
    changed = replace(PRESETS["kdd04"], seeds=3, out="here")
    assert with_data(changed, "digits") == replace(PRESETS["digits"], seeds=3, out="here")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("steps", 0),
        ("seeds", 1),
        ("hidden", ()),
        ("methods", ("a", "a")),
        ("start_share", 2.0),
        ("threads", 0),
    ],
)
def test_settings_out_of_range_are_refused(name, value):
    with pytest.raises(ValueError, match=f"`{name}`"):
        Settings(**{name: value})


def test_only_the_training_part_decides_the_scale():
    table = load_table(PRESETS["digits"])
    before = table.data.copy()
    parts = split_table(table, seed=2)
    train = parts.train.X.double()
    used = train.std(0) > 0
    torch.testing.assert_close(train.mean(0), torch.zeros(64, dtype=torch.float64), atol=1e-5, rtol=0)
    torch.testing.assert_close(
        train.std(0, correction=0)[used], torch.ones(int(used.sum()), dtype=torch.float64), atol=1e-5, rtol=0
    )
    assert parts.test.X.mean(0).abs().max() > 0.01
    np.testing.assert_array_equal(table.data, before)
    assert sum(len(part.y) for part in parts) == len(table.target)


def test_initial_weights_depend_on_the_seed_alone():
    first, same, other = (TabularMLP(4, [8], seed=seed) for seed in (1, 1, 2))
    for name, weights in first.state_dict().items():
        torch.testing.assert_close(same.state_dict()[name], weights, rtol=0, atol=0)
    assert not torch.equal(first.head.weight, other.head.weight)


@pytest.mark.parametrize("name", METHODS)
def test_methods_get_the_same_start_and_batches_of_the_same_size(name):
    settings = PRESETS["digits"]
    train = split_table(load_table(settings), 0).train
    plan = METHODS[name](train, settings, 3)
    expected = TabularMLP(64, settings.hidden, seed=3)
    for mine, wanted in zip(plan.model.parameters(), expected.parameters(), strict=True):
        torch.testing.assert_close(mine, wanted, rtol=0, atol=0)
    assert {len(x) for x, _ in plan.loader} == {settings.batch_size}


def test_methods_aim_at_the_same_share_of_rare_rows():
    settings = PRESETS["digits"]
    train = split_table(load_table(settings), 0).train
    rare = int(train.y.sum())
    common = len(train.y) - rare
    share = settings.sampling_strategy / (1 + settings.sampling_strategy)
    weight = METHODS["class weights"](train, settings, 0).pos_weight
    assert weight.item() == pytest.approx(settings.sampling_strategy * common / rare)
    for name in ("random over-sampling", "SMOTEDataset"):
        seen = torch.cat([y for _ in range(4) for _, y in METHODS[name](train, settings, 0).loader])
        assert seen.double().mean().item() == pytest.approx(share, abs=0.04)
    layer = METHODS["EmbeddingSMOTE"](train, settings, 0).model.between
    assert (rare / len(train.y) + layer.ratio) / (1 + layer.ratio) == pytest.approx(share)


def test_thresholds_are_the_best_on_validation():
    rng = np.random.default_rng(0)
    y = (rng.random(400) < 0.1).astype(np.int64)
    p = np.round(np.clip(0.3 * y + rng.random(400) * 0.7, 0, 1), 2)
    for_f1, for_balance = best_thresholds(Labelled(y, p))
    grid = np.unique(p)
    assert f1_score(y, p >= for_f1) == max(f1_score(y, p >= t) for t in grid)
    best = max(balanced_accuracy_score(y, p >= t) for t in grid)
    assert balanced_accuracy_score(y, p >= for_balance) == pytest.approx(best)


def test_thresholds_never_come_from_test():
    y = np.array([0, 0, 0, 1, 1])
    good, shifted = np.array([0.1, 0.2, 0.3, 0.8, 0.9]), np.array([0.1, 0.2, 0.3, 0.4, 0.5])
    assert score(Labelled(y, good), Labelled(y, good)).f1 == 1
    assert score(Labelled(y, shifted), Labelled(y, good)).f1 == 0
    assert score(Labelled(y, shifted), Labelled(y, good)).pr_auc == 1


def test_recall_at_one_percent_false_positives():
    y = np.array([0] * 200 + [1] * 4)
    p = np.concatenate([np.linspace(0, 0.5, 198), [0.7, 0.9], [0.2, 0.6, 0.8, 0.95]])
    assert score(Labelled(y, p), Labelled(y, p)).recall_at_1pct_fpr == 0.75  # two of 200 lie above 0.6


def test_plain_interval_is_scipys_and_the_corrected_one_is_wider():
    a, b = [0.5, 0.7, 0.6, 0.9], [0.4, 0.75, 0.5, 0.6]
    plain = paired_difference(a, b, test_per_train=0)
    wanted = stats.ttest_rel(a, b).confidence_interval(0.95)
    assert (plain.low, plain.high) == pytest.approx((wanted.low, wanted.high))
    corrected = paired_difference(a, b, test_per_train=1 / 3)
    ratio = ((1 / 4 + 1 / 3) / (1 / 4)) ** 0.5
    assert corrected.high - corrected.low == pytest.approx(ratio * (plain.high - plain.low))
    with pytest.raises(ValueError, match="got 4 and 1"):
        paired_difference(a, [0.1], test_per_train=0)


@pytest.mark.parametrize(
    ("difference", "fact"),
    [
        (Difference(0.03, 0.01, 0.05, 0.01), "above it by more than the spread"),
        (Difference(-0.03, -0.05, -0.01, 0.01), "below it by more than the spread"),
        (Difference(0.02, -0.01, 0.05, 0.01), "not settled"),
        (Difference(0.005, -0.01, 0.02, 0.01), "not larger than its spread"),
    ],
)
def test_verdict_says_whether_the_difference_exceeds_the_spread(difference, fact):
    assert fact in difference.verdict


@pytest.fixture
def summaries():
    def one(name, brier, difference):
        measures = {measure: MeanSpread(0.5, 0.125) for measure in MEASURES}
        measures |= {"brier": MeanSpread(brier, 0.001), "rows_per_s": MeanSpread(123_456, 1_000)}
        return Summary(name, measures, difference)

    return [
        one("as is", 0.002, None),
        one("class weights", 0.003, Difference(0.031, 0.011, 0.051, 0.01)),
        one("EmbeddingSMOTE", 0.001, Difference(-0.002, -0.022, 0.018, 0.012)),
    ]


@pytest.mark.parametrize("width", [80, 98])
def test_report_fits_its_width_and_hides_no_figure(summaries, width):
    text = render_report(summaries, "title", width=width)
    assert max(map(len, text.splitlines())) <= width
    for fact in ("title", "0.500", "±0.125", "+0.031", "+0.011 … +0.051", "2.00", "123", "EmbeddingSMOTE"):
        assert fact in text
    assert "…" not in re.sub(r"\d … [+-]\d", "", text)  # rich marks what it cut with the same sign
    assert "class weights x1.50" in text
    assert "EmbeddingSMOTE x" not in text


def test_one_sentence_for_each_method_but_the_first(summaries):
    lines = verdicts(summaries)
    assert [line.split(" against")[0] for line in lines] == ["class weights", "EmbeddingSMOTE"]


def test_threads_are_put_back():
    before = torch.get_num_threads()
    inside = []

    def fail():
        with torch_threads(before + 1):
            inside.append(torch.get_num_threads())
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert inside == [before + 1]
    assert torch.get_num_threads() == before


def test_metrics_are_the_promised_ones():
    assert METRICS == ("pr_auc", "roc_auc", "f1", "balanced_accuracy", "recall_at_1pct_fpr", "brier")
