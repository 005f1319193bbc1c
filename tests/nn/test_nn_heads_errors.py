"""Retraining a head: what is refused and how, what is warned of, and that a failure leaves no trace."""

from __future__ import annotations

import re

import pytest
import torch
from heads_cases import Network, blobs, build, differing, loader_of, retrained, snapshot, worn
from torch import nn

from torchsmote import MLSMOTE, SMOTE, DataWarning, FewSamplesWarning, retrain_head, tau_normalize


class Twice(Network):
    def forward(self, x):
        h = self.body(x)
        return self.fc(h) + self.fc(-h)


class Never(Network):
    def forward(self, x):
        return nn.functional.linear(self.body(x), self.fc.weight)


class Sequence(Network):
    def forward(self, x):
        return self.fc(self.body(x).unsqueeze(1)).squeeze(1)


class Tied(Network):
    def __init__(self):
        super().__init__()
        self.decoder = nn.Linear(8, 3)
        self.fc.weight = self.decoder.weight


def normed():
    model = Network()
    nn.utils.parametrizations.weight_norm(model.fc)
    return model


ARGUMENTS = {
    "no model": ({"model": [1]}, TypeError, "`model` must be a torch.nn.Module, got list"),
    "a class": ({"model": Network}, TypeError, "got the class Network"),
    "no name": ({"head": 3}, TypeError, "`head` must be a submodule's name"),
    "unknown head": ({"head": "head"}, ValueError, "`head`='head' is no submodule of the model; use one of"),
    "no parameters": ({"head": "body.2"}, ValueError, "(ReLU) has no parameters to train"),
    "no linear": ({"model": nn.Sequential(nn.ReLU())}, ValueError, "has no torch.nn.Linear"),
    "unknown method": ({"method": "mixup"}, ValueError, "crt, lws, tau, smote, eos; got 'mixup'"),
    "a class of resampler": ({"method": SMOTE}, TypeError, "give an object of it: method=SMOTE()"),
    "no resampler": ({"method": 3}, TypeError, "`method` must be one of crt"),
    "epochs 0": ({"epochs": 0}, ValueError, "`epochs` must be at least 1"),
    "epochs 1.5": ({"epochs": 1.5}, TypeError, "`epochs` must be an int"),
    "batch size": ({"batch_size": 0}, ValueError, "`batch_size`"),
    "lr 0": ({"lr": 0}, ValueError, "`lr` must be finite and above 0"),
    "lr nan": ({"lr": float("nan")}, ValueError, "`lr` must be finite"),
    "lr word": ({"lr": "fast"}, TypeError, "`lr` must be a number, got str"),
    "lr of tau": ({"lr": 0.1, "method": "tau"}, ValueError, "has no use with method='tau'"),
    "tau elsewhere": ({"tau": 0.5}, ValueError, "is for method='tau' only"),
    "tau below 0": ({"tau": -1, "method": "tau"}, ValueError, "`tau` must be finite and at least 0"),
    "tau word": ({"tau": "1", "method": "tau"}, TypeError, "`tau` must be a number"),
    "seed": ({"seed": -1}, ValueError, "`seed`"),
    "no loader": ({"loader": 7}, TypeError, "`loader` must give batches"),
    "no validation": ({"validation": 7}, TypeError, "`validation` must give batches"),
    "tied": ({"model": build(Tied), "head": "fc"}, ValueError, "shares a parameter with 'decoder.weight'"),
    "tau of any": ({"head": "body", "method": "tau"}, ValueError, "is a Sequential; name a Linear"),
    "lws of any": ({"head": "body.1", "method": "lws"}, ValueError, "is a BatchNorm1d"),
    "parametrized": ({"model": build(normed), "method": "lws"}, ValueError, "computed by a parametrization"),
}  # fmt: skip


@pytest.mark.parametrize("name", ARGUMENTS)
def test_arguments_are_checked_before_any_work(name):
    given, error, message = ARGUMENTS[name]

    class Untouched:
        def __iter__(self):
            raise AssertionError("read")

    options = {"model": build(Network), "loader": Untouched(), "progress": False, **given}
    with pytest.raises(error, match=re.escape(message)):
        retrain_head(options.pop("model"), options.pop("loader"), **options)


def test_tau_normalize_checks_its_arguments():
    with pytest.raises(TypeError, match="`module` must be"):
        tau_normalize([1])
    with pytest.raises(ValueError, match="shares a parameter"):
        tau_normalize(build(Tied))
    with pytest.raises(ValueError, match=r"`module` \(ReLU\) has no torch.nn.Linear"):
        tau_normalize(nn.ReLU())
    with pytest.raises(ValueError, match="finite and at least 0, got inf"):
        tau_normalize(build(Network), float("inf"))


def test_a_part_of_the_head_that_serves_elsewhere_is_refused_and_a_second_name_is_not():
    model = build(lambda: nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 3)))
    both = nn.ModuleDict({"body": model[0], "head": model})
    with pytest.raises(ValueError, match=r"the head 'head' shares a parameter with 'body.weight'"):
        retrain_head(both, [], head="head")
    network = build(Network)
    network.alias = network.fc
    assert retrained(network, head="alias").head == "alias"


X, Y = blobs()
BATCHES = {
    "empty": ([], ValueError, "`loader` gave no rows"),
    "rows 0": ([(X[:0], Y[:0])], ValueError, "`loader` gave no rows"),
    "no labels": ([X], TypeError, "batch 0 of `loader` must be (x, y, ...) or a mapping"),
    "no key": ([{"x": X, "z": Y}], ValueError, "has the keys ['x', 'z']; labels must be under one of"),
    "floating": ([(X, Y.float())], TypeError, "whole numbers as labels, got torch.float32; convert classes"),
    "words": ([(X, ["a"] * len(Y))], TypeError, "must have whole numbers 0, 1, ... as labels"),
    "one-hot": ([(X, nn.functional.one_hot(Y))], ValueError, "of shape (b,), got (61, 3); of one-hot rows"),
    "too few": ([(X, Y[:-1])], ValueError, "one for each of 60 labels, got shape (61, 8)"),
    "too large": ([(X, Y), (X, Y + 1)], ValueError, "in [0, 3), the head's outputs, but row 116 of"),
    "negative": ([(X, Y - 1)], ValueError, "row 0 of `loader` has -1"),
    "nan": ([(X, Y), (X.where(Y[:, None] < 2, torch.nan), Y)], ValueError, "batch 1 of `loader`: the embed"),
    "one class": ([(X, Y * 0)], ValueError, "rows of one class only"),
}  # fmt: skip


@pytest.mark.parametrize("name", BATCHES)
def test_what_the_loader_gives_is_checked(name):
    batches, error, message = BATCHES[name]
    model = worn()
    before = snapshot(model)
    with pytest.raises(error, match=re.escape(message)):
        retrained(model, loader=iter(batches))
    assert not differing(before, snapshot(model))


@pytest.mark.parametrize(
    ("make", "head", "error", "message"),
    [
        (Twice, "fc", ValueError, "the head 'fc' was called 2 times in a forward"),
        (Never, "fc", ValueError, "the head 'fc' was called 0 times"),
        (
            Sequence,
            "fc",
            ValueError,
            "must take embeddings (b, d), one for each of 16 labels, got shape (16, 1",
        ),
        (lambda: Network(num_classes=1), None, ValueError, "of at least 2 classes, got shape (61, 1)"),
    ],
)
def test_a_head_that_is_none_is_refused(make, head, error, message):
    model = build(make)
    before = snapshot(model)
    with pytest.raises(error, match=re.escape(message)):
        retrained(model, head=head)
    assert not differing(before, snapshot(model))


def test_labels_of_the_validation_rows_are_checked_too():
    with pytest.raises(ValueError, match="of `validation` has 3"):
        retrained(build(Network), validation=[(X, Y + 2)])
    with pytest.raises(ValueError, match="`validation` gave no rows"):
        retrained(build(Network), validation=[])


def test_a_head_that_gives_nan_is_refused():
    model = build(Network)
    with torch.no_grad():
        model.fc.bias[0] = torch.nan
    with pytest.raises(ValueError, match="the head 'fc' gives NaN or inf"):
        retrained(model)


class Broken(Network):
    def forward(self, x):
        if len(x) < 16:  # the last batch
            raise RuntimeError("broken")
        return super().forward(x)


class Failing:
    def fit_resample(self, X, y):
        raise RuntimeError("broken")


def stopping():
    yield X, Y
    raise RuntimeError("broken")


@pytest.mark.parametrize("place", ["forward", "loader", "resampler"])
def test_a_failure_midway_leaves_no_trace(place):
    model = worn()
    if place == "forward":
        model.__class__ = Broken
    before = snapshot(model)
    method = Failing() if place == "resampler" else "crt"
    with pytest.raises(RuntimeError, match="broken"):
        retrained(model, method, stopping() if place == "loader" else None)
    assert not differing(before, snapshot(model))


def test_a_rate_that_diverges_is_named_and_nothing_is_written():
    model = build(lambda: nn.Linear(4, 3))
    before = snapshot(model)
    with pytest.raises(ValueError, match="became NaN or inf with `lr`=1e"):
        retrained(model, lr=1e36, loader=[(1000 * X, Y)])
    assert not differing(before, snapshot(model))


def test_a_resampler_for_other_targets_says_so():
    with pytest.raises(ValueError, match="for one label a row use SMOTE"):
        retrained(build(Network), MLSMOTE())


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda X, y: (X[:0], y[:0]), "n at least 1, got (0, 8) and (0,)"),
        (lambda X, y: (X, y[1:]), "(n, 8) and labels of shape (n,), n at least 1, got (61, 8) and (60,)"),
        (lambda X, y: (X[:, 1:], y), "got (61, 7)"),
        (lambda X, y: (X * torch.nan, y), "returned rows with NaN or inf"),
        (lambda X, y: (X, y + 1), "in [0, 3), the head's outputs, but row 55 of what `method` (Sampler)"),
    ],
)
def test_what_a_sampler_returns_is_checked(made, message):
    class Sampler:
        def fit_resample(self, X, y):
            return made(X, y)

    with pytest.raises(ValueError, match=re.escape(message)):
        retrained(worn(), Sampler())


def test_a_class_without_rows_is_warned_of():
    with pytest.warns(DataWarning, match=r"no row of classes \[1\]"):
        report = retrained(build(Network), loader=[(X[Y != 1], Y[Y != 1])])
    assert report.rows == (40, 0, 6)
    assert report.rows_trained == (40, 0, 40)


@pytest.mark.parametrize("counts", [(20, 3, 1), (4, 1, 1)])
def test_few_rows_do_not_stop_training(counts):
    for method, warning in (("smote", FewSamplesWarning), ("eos", FewSamplesWarning), ("crt", None)):
        model, loader = build(Network), loader_of(*blobs(counts))
        if method == "eos" and sum(counts) > 10:
            warning = None
        if warning is None:
            report = retrained(model, method, loader)
        else:
            with pytest.warns(warning):
                report = retrained(model, method, loader)
        assert report.rows_trained == (counts[0],) * 3


def test_a_head_that_cannot_be_reset_starts_from_its_weights():
    class Cosine(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.eye(3, 8))

        def forward(self, h):
            return 8 * nn.functional.normalize(h, dim=1) @ nn.functional.normalize(self.weight, dim=1).T

    model = build(Network)
    model.fc = Cosine()
    with pytest.warns(DataWarning, match=r"\['fc'\] of the head have no reset_parameters"):
        report = retrained(model, head="fc")
    assert report.after.balanced_accuracy > report.before.balanced_accuracy
