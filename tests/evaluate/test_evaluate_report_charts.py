"""Charts: text drawn as it is, numbers where they belong, and matplotlib left as it was found."""

from __future__ import annotations

import sys
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest
from evaluate.hostile import FORMULA, TEXTS

from torchsmote.evaluate.picture import project
from torchsmote.evaluate.report.charts import Bar, Interval, Line, bar_chart, forest_chart, line_chart
from torchsmote.evaluate.report.plain_text import shortened
from torchsmote.evaluate.report.projection import picture_figure

WORDS = {"alt": "alt", "caption": "caption"}
POINTS = np.random.default_rng(0).normal(size=(60, 3))


def lines(names):
    return line_chart(
        [Line(name, [0, 1], [0, 1 / (place + 1)]) for place, name in enumerate(names)],
        **{"title": names[0], "across": "x", "up": "y", "diagonal": "guess", **WORDS},
    )


def forest(names):
    sides = ["better", "worse", ""] * len(names)
    rows = [Interval(name, "+1", 1, -1, 2, side) for name, side in zip(names, sides, strict=False)]
    return forest_chart(rows, title=names[0], across="x", **WORDS)


def bars(names):
    rows = [Bar(name, "3", [1, 1, 1]) for name in names]
    return bar_chart(rows, names=["a", "b", "c"], title=names[0], across="x", **WORDS)


def rows(names):
    labels = [names[place % len(names)] for place in range(len(POINTS))]
    return picture_figure(project("title", POINTS, labels, POINTS[:9], labels[:9]), names[:5])


CHARTS = pytest.mark.parametrize("chart", [lines, forest, bars, rows])


def texts(figure):
    root = ElementTree.fromstring(figure.image)
    return ["".join(node.itertext()).strip() for node in root.iter("{http://www.w3.org/2000/svg}text")]


@CHARTS
def test_text_is_drawn_as_it_is(chart):
    shown = " ".join(" ".join(texts(chart(list(TEXTS[:7])))).split())
    for text in TEXTS[: 5 if chart is rows else 7]:
        assert shortened(text, 26 if chart is rows else 30)[:12] in shown
    assert "hacked" not in [node.tag for node in ElementTree.fromstring(chart(list(TEXTS[:7])).image).iter()]


@CHARTS
def test_no_text_reaches_a_parser_of_formulas(chart, monkeypatch):
    def refuse(self, *args, **kwargs):
        raise AssertionError("parsed")

    monkeypatch.setattr("matplotlib.mathtext.MathTextParser.parse", refuse)
    assert any("$" in text for text in texts(chart([FORMULA, "$x^2$"])))


@CHARTS
def test_settings_of_the_user_do_not_reach_the_page_and_are_put_back(chart):
    plain = chart(["a", "b"])
    own = {"font.size": 30, "axes.facecolor": "red", "text.usetex": True, "axes.formatter.use_mathtext": True}
    with matplotlib.rc_context(own):
        before = dict(matplotlib.rcParams)
        assert chart(["a", "b"]) == plain
        assert dict(matplotlib.rcParams) == before


def test_drawing_opens_no_window_and_chooses_no_backend(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)  # an import of it fails
    assert texts(bars(["a"]))


def test_far_points_are_left_out_and_counted():
    far = np.concatenate([POINTS, POINTS[:1] * 1e6])
    figure = picture_figure(project("t", far, ["a"] * 60 + ["b"]), ["b", "a"])
    assert figure.caption.endswith("1 far point lies outside of the picture.")
    assert "b: 1 points" in figure.alt


def test_a_picture_of_one_class_or_of_equal_points_is_drawn():
    assert texts(picture_figure(project("t", POINTS, ["a"] * 60), ["a"]))
    assert texts(picture_figure(project("t", np.zeros((5, 2)), list("aabbb")), ["a", "b"]))


def test_many_classes_share_one_grey():
    names = [f"class {place:02}" for place in range(12)]
    shown = texts(rows(names))
    assert "7 others (35)" in shown
    assert "class 00 (5)" in shown
    assert "class 05 (5)" not in shown
