"""The study of the two doors on KDD04: what is run, what is still open, and what its tables say."""

from dataclasses import replace

import pytest
import torch
from kdd04_doors import (
    AS_IS,
    DOORS,
    LOOP,
    RANDOM,
    TABLE,
    cases_of,
    difference,
    is_open,
    mark,
    rows_of,
    smote_table,
    summarize,
    tables,
)

from torchsmote import SMOTE
from torchsmote.evaluate.differences import paired_difference
from torchsmote.experiment import Part, Settings
from torchsmote.experiment.scores import METRICS

SETTINGS = Settings(seeds=2, batch_size=8, k_neighbors=2)


def made(values, share=0.1):
    """Lines of made figures: a list, one a seed, for each method."""
    return [
        {"share": None if method == AS_IS else share, "method": method, "seed": seed}
        | dict.fromkeys(METRICS, value)
        for method, own in values.items()
        for seed, value in enumerate(own)
    ]


def test_training_as_is_knows_no_share_and_runs_once():
    named = [(case.methods[0], case.sampling_strategy) for case in cases_of(SETTINGS, [0.1, 1.0])]
    assert named == [(AS_IS, 0.1), *((name, share) for share in (0.1, 1.0) for name in (RANDOM, TABLE, LOOP))]
    assert len({mark(case) for case in cases_of(SETTINGS, [0.1, 1.0])}) == 1
    assert mark(SETTINGS) != mark(replace(SETTINGS, steps=7))


def test_a_case_is_open_until_all_its_seeds_have_a_line():
    first, second = (case for case in cases_of(SETTINGS, [0.1, 1.0]) if case.methods == (LOOP,))
    rows = made({AS_IS: [1, 2], LOOP: [3]})
    assert is_open(first, rows)
    rows += made({LOOP: [3, 4]})[1:]
    assert not is_open(first, rows)
    assert is_open(second, rows)
    assert [row["pr_auc"] for row in rows_of(rows[::-1], AS_IS, 1.0)] == [1, 2]


def test_the_table_door_resamples_once():
    generator = torch.Generator().manual_seed(0)
    part = Part(torch.randn(40, 3, generator=generator), (torch.arange(40) < 6).long())
    settings = replace(SETTINGS, sampling_strategy=1.0)
    plan = smote_table(part, settings, 3)
    X, _ = SMOTE(k_neighbors=2, random_state=3).fit_resample(part.X, part.y)
    epochs = [torch.cat([x for x, _ in plan.loader]).unique(dim=0) for _ in range(2)]
    assert len(X) == 68
    for epoch in epochs:  # 64 rows of 68 in full batches, and all of them the resampled ones
        assert len(epoch) == 64
        assert len(torch.cat([epoch, X.unique(dim=0)]).unique(dim=0)) == 68


def test_differences_are_paired_by_seed_and_corrected():
    rows = made({AS_IS: [0.5, 0.6], TABLE: [0.7, 0.6], LOOP: [0.5, 0.8], RANDOM: [0.5, 0.7]})
    found = difference(rows[::-1], 0.1, LOOP, TABLE, "f1")
    expected = paired_difference([0.5, 0.8], [0.7, 0.6], test_per_train=1 / 3)
    assert found == expected
    text = tables(rows, [0.1])
    assert f"| SMOTEDataset minus SMOTE.fit_resample | {0:+.3f} (" in text
    assert "| as is | 0.550 | 0.550 | 0.550 | 0.550 | 0.550 | 550.00 |" in text
    assert "**" not in text


def test_summary_has_each_method_and_metric_at_each_share():
    rows = made({AS_IS: [0.5, 0.6]})
    for share in (0.1, 1.0):
        rows += made({TABLE: [share, 0.6], LOOP: [0.5, 0.8], RANDOM: [0.5, 0.7]}, share)
    found = {(row["share"], row["method"], row["metric"]): row for row in summarize(rows, [0.1, 1.0])}
    assert len(found) == 2 * len(DOORS) * len(METRICS)
    assert found[0.1, TABLE, "brier"]["mean"] == pytest.approx(0.35)
    assert found[1.0, TABLE, "brier"]["mean"] == pytest.approx(0.8)
    assert found[1.0, AS_IS, "pr_auc"]["mean"] == pytest.approx(0.55)
