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

from torchsmote.evaluate.differences import Difference, paired_difference
from torchsmote.experiment import METHODS, PRESETS, Settings, TabularMLP, read_settings
from torchsmote.experiment.folder import output_folder
from torchsmote.experiment.progress import show_training
from torchsmote.experiment.report import render_report
from torchsmote.experiment.scores import METRICS, Labelled, best_thresholds, score
from torchsmote.experiment.settings import with_data
from torchsmote.experiment.summary import MEASURES, MeanSpread, Summary
from torchsmote.experiment.tables import load_table, split_table
from torchsmote.experiment.verdict import verdict, verdicts
from torchsmote.threads import torch_threads

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


@pytest.mark.parametrize(
    "words",
    [
        ["--batch-size", "9", "--hidden", "64", "--methods", "as is"],
        ["--batch_size=9", "--hidden=[64]", "--methods=as is"],
        ["--batch-size=9", "--hidden=64", "--methods", "[as is]"],
    ],
)
def test_options_take_dashes_and_lists_of_one(words):
    expected = replace(PRESETS["kdd04"], batch_size=9, hidden=(64,), methods=("as is",))
    assert read_settings(words)[0] == expected


def test_lists_may_leave_out_their_brackets():
    settings, _ = read_settings(["--hidden", "64,32", "--methods", "as is, class weights"])
    assert (settings.hidden, settings.methods) == ((64, 32), ("as is", "class weights"))


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


HELD = Difference(0.005, -0.01, 0.02, 0.01, 5)
HELD_YET_LARGE = Difference(0.02, -0.01, 0.05, 0.01, 5)
ABOVE = Difference(0.03, 0.01, 0.05, 0.01, 5)
BELOW = Difference(-0.03, -0.05, -0.01, 0.04, 5)


def compared(*differences):
    measures = {measure: MeanSpread(0.5, 0.1) for measure in MEASURES}
    named = zip("ABCD", differences, strict=False)
    return [
        Summary("as is", measures, None),
        *(Summary(name, measures, difference) for name, difference in named),
    ]


@pytest.mark.parametrize(
    ("differences", "by_interval", "by_spread"),
    [
        ((HELD, HELD), "No method differs from `as is`", "No difference is larger"),
        ((HELD, HELD_YET_LARGE), "every 95 % interval holds 0", "for B alone"),
        ((ABOVE, HELD, BELOW), "A (above it), C (below it); every other interval holds 0", "for A alone"),
        ((ABOVE, BELOW), "A (above it), B (below it); no interval holds 0", "for A alone"),
        ((ABOVE, HELD_YET_LARGE), "A (above it); every other interval holds 0", "Every difference is larger"),
    ],
)
def test_verdict_goes_by_the_interval_and_then_tells_the_spread(differences, by_interval, by_spread):
    text = verdict(compared(*differences))
    assert by_interval in text.split(". ")[0] + "."
    assert by_spread in text.split(". ")[1] + "."
    assert f"{len(differences)} comparisons" in text
    assert "take no conclusion" not in text


def test_verdict_of_few_seeds_takes_no_conclusion():
    assert "Only 3 seeds: take no conclusion." in verdict(compared(replace(ABOVE, seeds=3)))
    assert "nothing to compare" in verdict(compared())


def test_each_method_but_the_first_has_a_sentence_of_one_form():
    sentences = verdicts(compared(ABOVE, HELD, BELOW))
    facts = [("lies above 0", "is larger"), ("holds 0", "is not larger"), ("lies below 0", "is not larger")]
    for name, sentence, (interval, spread) in zip("ABC", sentences, facts, strict=True):
        assert sentence.startswith(f"{name} against `as is`: PR-AUC ")
        assert f"{interval}; the difference {spread} than its spread over seeds" in sentence


@pytest.fixture
def summaries():
    def one(name, brier, difference):
        measures = {measure: MeanSpread(0.5, 0.125) for measure in MEASURES}
        measures |= {"brier": MeanSpread(brier, 0.001), "rows_per_s": MeanSpread(123_456, 1_000)}
        return Summary(name, measures, difference)

    return [
        one("as is", 0.002, None),
        one("class weights", 0.003, Difference(0.031, 0.011, 0.051, 0.01, 5)),
        one("EmbeddingSMOTE", 0.001, Difference(-0.002, -0.022, 0.018, 0.012, 5)),
    ]


@pytest.mark.parametrize("width", [40, 60, 80, 90, 98])
def test_report_fits_its_width_and_hides_no_figure(summaries, width):
    text = render_report(summaries, "title", width=width)
    assert max(map(len, text.splitlines())) <= width
    for fact in ("title", "0.500", "±0.125", "+0.031", "+0.011 … +0.051", "2.00", "123", "EmbeddingSMOTE"):
        assert fact in text
    words = text.split()
    for heading in ("ROC-", "F1", "balanced", "recall,", "Brier", "rows/s", "secs"):
        assert heading in words
    assert text.count("±0.125") == len(summaries) * 5
    assert len(re.findall(r"±0\.1\b", text)) == len(summaries)  # seconds, the last column
    assert "…" not in re.sub(r"\d … [+-]\d", "", text)  # rich marks what it cut with the same sign
    assert "class weights x1.50" in " ".join(words)
    assert "EmbeddingSMOTE x" not in " ".join(words)


def test_verdict_comes_first_and_speeds_are_put_in_their_place(summaries):
    text = render_report(summaries, "title")
    assert text.index("By the 95 % intervals") < text.index("class weights against")
    assert "Speeds (rows/s, secs) are those of this machine at this moment." in " ".join(text.split())


def test_a_long_name_widens_its_column_and_not_the_report(summaries):
    longer = [*summaries, replace(summaries[1], method="OversamplingWithAVeryLongName")]
    text = render_report(longer, "title", width=98)
    assert max(map(len, text.splitlines())) <= 98
    assert text.count("OversamplingWithAVeryLongName ") >= 2  # the table is cut in two


def test_output_folder_moves_its_files_at_the_end(tmp_path):
    folder = tmp_path / "a/b"
    with output_folder(folder) as scratch:
        (scratch / "new.txt").write_text("new")
        assert not (folder / "new.txt").exists()
    assert [path.name for path in folder.iterdir()] == ["new.txt"]
    assert (folder / "new.txt").read_text() == "new"


def test_output_folder_that_fails_leaves_what_was_there(tmp_path):
    (tmp_path / "old.txt").write_text("old")

    def fail(folder):
        with output_folder(folder) as scratch:
            (scratch / "old.txt").write_text("new")
            raise KeyError

    for folder in (tmp_path, tmp_path / "a/b"):
        with pytest.raises(KeyError):
            fail(folder)
    assert [path.name for path in tmp_path.iterdir()] == ["old.txt"]
    assert (tmp_path / "old.txt").read_text() == "old"


def test_in_a_terminal_there_is_a_bar(capsys, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    settings = replace(PRESETS["digits"], seeds=2, steps=2, methods=("as is",))
    with show_training(settings, True) as step_of:
        for seed in settings.all_seeds:
            advance = step_of("as is", seed)
            advance()
            advance()
    shown = capsys.readouterr().err
    assert "seed 1, as is" in shown
    assert "100%" in shown
    assert "1 of 2" not in shown


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
