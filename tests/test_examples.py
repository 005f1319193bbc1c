"""Each example runs as a user runs it, with warnings as errors, and says what it should."""

import ast
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

import torchsmote
from torchsmote import SMOTE, over_sampling

ROOT = Path(__file__).parents[1]
EXPECTED = {
    "diagnose_table.py": [
        "the largest class has 39.9 times the rows of",
        "WARNING  unscaled",
        "Try SMOTE. Go to 80-20 first",
        "stand in the training part",
        "The advised code makes [678, 169] of [678, 17] rows",
    ],
    "sharded_table.py": [
        "rank 0 of 1: rows 0 to ",
        "together the rows that one process makes: True",
        "the neighbours that one process finds: True",
        "rows of epoch 0",
    ],
    "table_quickstart.py": [
        "as is: [406, 11] rows",
        "SMOTE: [406, 406] rows",
        "proves nothing",
        "torchsmote demo",
    ],
    "tensordict_loop.py": [
        "545 real rows, 1055 synthetic ones",
        "epoch 2",
        "last row: image ",
        "its nested sums are still those of its image: True",
    ],
    "calibrate.py": [
        "417 training rows, 41 positive; with SMOTE 752",
        "true_prior=[0.901679, 0.0983213]",
        "positive from p = 0.0476",
        "SMOTE, PriorCorrection",
        "predicted  observed        rows",
        "proves little",
    ],
    "training_loop.py": ["545 real rows, 1055 synthetic ones", "epoch 4", "last row: from row"],
    "does_it_help.py": [
        "PR-AUC: no detectable difference between `nothing, tuned threshold` (0.",
        "695 rows, 64 columns; classes 0 to 6: 628, 7 to 9: 67; positive: 7 to 9.",
        "By decisions: F1: ",
        "does_it_help.html",
    ],
    "embedding.py": [
        "epoch 0: 545 rows",
        "epoch 15: 1090 rows",
        "digit: [0,",
        "1252 held-out images",
        "recall of the 9",
    ],
    "large_table.py": [
        "digits.parquet: 545 rows, 64 features",
        "one epoch from digits.npy: 545 real rows, 1055 synthetic ones",
        "Dask: 3 partitions before, 9 after",
        "1600 rows, equal to those in memory: True",
    ],
    "resume_stateful_loader.py": [
        "undisturbed: 75 steps, 25 an epoch",
        "stopped in epoch 1, after its step 5",
        "resumed: 45 steps more",
        "same weights to the last bit: True",
    ],
    "plot_variants.py": ["variants.png: ", "over-samplers, ADASYN, BorderlineSMOTE, "],
    "train_ddp.py": [
        "step 66: loss",
        "478 real rows, 922 synthetic ones, 1 process(es)",
        "of 200 held-out digits",
    ],
    "train_encoder_features.py": [
        "545 pictures, 1055 synthetic ones; features kept in features.safetensors",
        "from epoch 3 on other neighbors",
        "from epoch 5 on other neighbors",
        "on 1252 digits left out: 0.",
    ],
    "train_images.py": [
        "409 training images, of each digit: [120, 86, 62, 44, 32, 23, 16, 12, 8, 6]",
        "groups: many, medium, medium, medium, medium, medium, few, few, few, few",
        "EmbeddingSMOTE (EOS)",
        "One seed proves nothing",
        "benchmarks/studies/long_tailed.md",
    ],
    "train_lightning.py": [
        "epoch 5: 209 validation rows, balanced accuracy 0.",
        "from the checkpoint after step 40, in the middle of epoch 2",
        "same weights to the last bit: True",
    ],
    "train_accelerate.py": [
        "processes: 1, batches of each in an epoch: 50",
        "stopped in epoch 2 after 7 of 50 batches",
        "resumed: same weights to the last bit: True",
    ],
    "tune_skorch.py": [
        "486 training rows, of each digit: [119, 92, 71, 55, 43, 33, 26, 20, 15, 12]",
        "no resampling: balanced accuracy 0.",
        "k_neighbors=5, sampling_strategy=not majority: balanced accuracy 0.",
        "held out, retrained with the best: 0.",
    ],
    "make_reports.py": [
        "Try SMOTE.",
        "digits_diagnosis.html",
        "Only 3 fits a method: take no conclusion.",
        "digits_comparison.html",
    ],
    "train_tabular.py": ["as is", "BorderlineSMOTE", "PR-AUC", "precision_recall.png"],
    "train_transformers.py": [
        "reviews to train on, ",
        "EmbeddingSMOTE before the last layer     average precision",
        "word vectors are its base's: False",
        "mask is its base's: True",
        "SMOTEDataset over word vectors           average precision",
    ],
    "text_reviews.py": [
        "600 reviews (1 star 22, ",
        "tfidf",
        "recall of 1 star",
        "minus plain",
        "Against `plain`",
    ],
    "time_series.py": [
        "200 series, 20 with the fault",
        "recall of fault",
        "minus plain",
        "take no conclusion",
    ],
}
SHARED = ["compare_heads.py", "compare_table.py"]  # imported by two examples
ADVICE = {  # how warnings of a trainer begin that are no fault of the script
    "train_lightning.py": [
        "The 'train_dataloader' does not have many workers",
        "The 'val_dataloader' does not have many workers",
        "`isinstance(treespec, LeafSpec)` is deprecated",
        "Checkpoint directory",
    ]
}
DOWNLOADS = ["text_reviews.py", "train_transformers.py"]
SHORT = ["--seeds", "2", "--steps", "10"]


def run(name, *words):
    lenient = [word for start in ADVICE.get(name, ()) for word in ("-W", f"ignore:{start}")]
    command = [sys.executable, "-W", "error", *lenient, str(ROOT / "examples" / name), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=ROOT)


def test_every_example_is_tested():
    assert sorted([*EXPECTED, *SHARED]) == sorted(path.name for path in (ROOT / "examples").glob("*.py"))


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.network) if name in DOWNLOADS else name for name in EXPECTED],
)
def test_example(name, tmp_path):
    words = []
    if name == "train_tabular.py":
        words = ["--config", "configs/digits.yaml", "--seeds", "2", "--steps", "20", "--out", str(tmp_path)]
        words += ["--methods", "[as is, BorderlineSMOTE]"]
    if name == "train_images.py":
        words = [
            "--config",
            "configs/digits_lt.yaml",
            "--steps",
            "5",
            "--methods",
            "[plain, EmbeddingSMOTE (EOS)]",
        ]
    if name == "calibrate.py":
        words = ["--data", "digits", "--out", str(tmp_path / "reliability.png")]
    if name == "make_reports.py":
        words = ["--quick", "--out", str(tmp_path)]
    if name == "plot_variants.py":
        words = ["--out", str(tmp_path / "variants.png")]
    if name == "does_it_help.py":
        words = ["--out", str(tmp_path / "does_it_help.html")]
    if name == "text_reviews.py":
        words = ["--config", "configs/reviews.yaml", "--rows", "600", *SHORT]
    if name == "train_transformers.py":
        words = ["--rows", "600", "--epochs", "1"]
    if name == "time_series.py":
        words = ["--config", "configs/time_series.yaml", "--series", "200", "--faults", "20", *SHORT]
    result = run(name, *words)
    if name in DOWNLOADS and "pip could not download" in result.stderr:
        pytest.skip(f"no network: {result.stderr}")
    assert result.returncode == 0, result.stderr
    for fact in EXPECTED[name]:
        assert fact in result.stdout


def test_the_picture_has_every_over_sampler_or_a_reason(tmp_path):
    names = runpy.run_path(str(ROOT / "examples" / "plot_variants.py"))
    found = set(names["over_samplers"]())
    assert {name for name in over_sampling.__all__ if name not in names["LEFT_OUT"]} <= found
    assert found <= set(torchsmote.__all__)
    picture = tmp_path / "one.png"
    names["draw"]({"SMOTE": SMOTE}, 0, picture)
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", EXPECTED)
def test_docstring_has_the_command_line(name):
    docstring = ast.get_docstring(ast.parse((ROOT / "examples" / name).read_text()))
    assert f"python examples/{name}" in docstring


def test_bad_method_is_one_line_and_no_traceback():
    result = run("train_tabular.py", "--data", "digits", "--methods", "magic")
    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    for fact in ("`methods`", "'magic'", "BorderlineSMOTE", "python examples/train_tabular.py --help"):
        assert fact in result.stderr
