"""Pages as files: whole, escaped, self-contained, accessible as far as markup goes."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path

import pytest
from evaluate.hostile import BROKEN, FOREIGN, FORMULA, TEXTS
from evaluate.html_reading import Reading

from torchsmote.evaluate.report import page as blocks
from torchsmote.evaluate.report.plain_text import printable, shortened
from torchsmote.evaluate.report.write import html, write_page

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="2" height="1"><rect width="2" height="1"/></svg>'


def page_of(texts, data=None):
    """Every block, with each of the texts in each place."""
    sections = []
    for text in texts:
        own = [
            blocks.Paragraph(text),
            blocks.Links([(text, 'https://doi.org/10.1613/jair.953?<">')]),
            blocks.Table(text, [text, text], [[text, text], [text, "1"]], "lr"),
            blocks.Matrix(text, text, text, [text, text], [[text, text]] * 2, [[0, 1]] * 2),
            blocks.Code(text, text),
            blocks.Grid(
                [blocks.Card("problem", text, text, text, text, text), blocks.Card("info", text, "", text)]
            ),
            blocks.Choice(text, [(text, [blocks.Paragraph(text)]), (text, [blocks.Code(text)])]),
            blocks.Details(text, [blocks.Figure(SVG, "svg", 2, 1, text, text)]),
        ]
        sections.append(blocks.Section(text, own))
    return blocks.Page(texts[0], texts[0], texts[0], sections, data)


@pytest.fixture(scope="module")
def hostile():
    return html(page_of(TEXTS, {text.replace("\ud800", ""): list(TEXTS[:-1]) for text in TEXTS}))


def test_every_element_is_closed_in_order(hostile):
    assert not Reading(hostile).faults


def test_text_is_shown_as_it_is(hostile):
    shown = "\n".join(Reading(hostile).text)
    for text in TEXTS:
        assert printable(text) in shown
    assert BROKEN not in shown


def test_text_makes_no_elements_and_no_attributes(hostile):
    plain = html(page_of(["x" * len(text) for text in TEXTS], {}))
    ours, theirs = (Reading(text) for text in (plain, hostile))
    assert [(tag, list(attributes)) for tag, attributes in ours.elements] == [
        (tag, list(attributes)) for tag, attributes in theirs.elements
    ]


def test_data_comes_back_and_cannot_end_its_element(hostile):
    data = Reading(hostile).scripts[0]
    assert json.loads(data) == {text.replace("\ud800", ""): list(TEXTS[:-1]) for text in TEXTS}
    assert not re.search("[<>&\u2028\u2029]", data)


def test_data_must_be_strict_json():
    with pytest.raises(ValueError, match="JSON"):
        html(page_of(["x"], float("nan")))


def test_nothing_is_loaded(hostile):
    reading = Reading(hostile)
    for tag, attributes in reading.elements:
        for name in ("src", "href", "srcset", "data", "action", "poster"):
            address = attributes.get(name, "")
            if tag == "a" and address.startswith("https://"):
                assert attributes["rel"] == "external noopener noreferrer"
            else:
                assert address == "" or address.startswith(("data:", "#")), (tag, name, address)
    css = re.search("<style>(.*?)</style>", hostile, re.DOTALL)[1]
    assert "url(" not in css
    assert "@import" not in css


def test_the_policy_forbids_the_network_and_any_other_script(hostile):
    (policy,) = [a["content"] for a in Reading(hostile).all("meta") if "http-equiv" in a]
    assert policy.startswith("default-src 'none'; img-src data:; ")
    assert "unsafe" not in policy
    assert "http" not in policy


def test_no_style_attribute_nor_handler_which_the_policy_would_stop(hostile):
    names = {name for _, attributes in Reading(hostile).elements for name in attributes}
    assert "style" not in names
    assert not [name for name in names if name.startswith("on")]


def test_ids_are_unique_and_what_refers_to_them_finds_them(hostile):
    elements = Reading(hostile).elements
    ids = [attributes["id"] for _, attributes in elements if "id" in attributes]
    assert len(set(ids)) == len(ids)
    named = {
        attributes[name] for _, attributes in elements for name in attributes if name == "aria-labelledby"
    }
    inside = {a["href"][1:] for tag, a in elements if tag == "a" and a["href"].startswith("#")}
    assert named | inside <= set(ids)


def test_language_landmarks_and_headings(hostile):
    reading = Reading(hostile)
    tags = [tag for tag, _ in reading.elements]
    assert reading.all("html") == [{"lang": "en"}]
    assert all(tags.count(tag) == 1 for tag in ("header", "nav", "main", "footer", "h1", "title"))
    levels = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(below - above <= 1 for above, below in pairwise(levels))


def test_pictures_have_texts_and_tables_have_headers(hostile):
    reading = Reading(hostile)
    assert reading.all("img")
    assert all(picture["alt"] for picture in reading.all("img"))
    assert len(reading.all("caption")) == len(reading.all("table")) > 0
    assert all("scope" in header for header in reading.all("th"))


def test_the_same_page_gives_the_same_bytes(hostile):
    assert html(page_of(["x"])) == html(page_of(["x"]))


def test_a_table_needs_rows_of_one_width_and_links_an_address():
    with pytest.raises(ValueError, match="as many texts"):
        blocks.Table("", ["a", "b"], [["1"]], "lr")
    with pytest.raises(ValueError, match="https"):
        blocks.Links([("a", "javascript:alert(1)")])


def test_long_names_are_cut_in_the_middle_and_unprintable_ones_shown():
    assert shortened(FOREIGN) == FOREIGN
    assert shortened("x" * 20 + "y" * 20, 11) == "xxxxx…yyyyy"
    assert shortened("one\n two\x00") == "one two\ufffd"
    assert printable(FORMULA) is FORMULA


def test_a_file_is_written_whole_and_overwritten(tmp_path):
    path = tmp_path / "new" / "page.html"
    assert write_page(page_of(["the old one"]), str(path)) == path
    write_page(page_of(["the new one"]), path)
    assert "the new one" in path.read_text(encoding="utf-8")
    assert "the old one" not in path.read_text(encoding="utf-8")
    assert [file.name for file in path.parent.iterdir()] == ["page.html"]


def test_a_page_that_cannot_be_made_leaves_the_disk_as_it_was(tmp_path):
    (tmp_path / "old.html").write_text("old", encoding="utf-8")
    for path in (tmp_path / "old.html", tmp_path / "new" / "page.html"):
        with pytest.raises(ValueError, match="JSON"):
            write_page(page_of(["x"], float("inf")), path)
    assert [file.name for file in tmp_path.iterdir()] == ["old.html"]
    assert (tmp_path / "old.html").read_text(encoding="utf-8") == "old"


def test_a_path_that_cannot_be_written(tmp_path):
    with pytest.raises(ValueError, match="`path` is a folder"):
        write_page(page_of(["x"]), tmp_path)
    with pytest.raises(TypeError, match="`path` must be the name of a file, got int"):
        write_page(page_of(["x"]), 1)


@pytest.mark.skipif(int(version("setuptools").split(".")[0]) < 77, reason="needs setuptools 77 or later")
def test_a_wheel_holds_the_templates(tmp_path):
    root = Path(__file__).parents[2]
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(root / name, tmp_path)
    shutil.copytree(
        root / "torchsmote", tmp_path / "torchsmote", ignore=shutil.ignore_patterns("__pycache__")
    )
    build = "from setuptools import build_meta; build_meta.build_wheel('.')"
    subprocess.run([sys.executable, "-c", build], cwd=tmp_path, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    sources = {f"torchsmote/evaluate/report/{file.name}" for file in Path(blocks.__file__).parent.glob("*.*")}
    assert {name.rpartition(".")[2] for name in sources} == {"py", "jinja", "css", "js"}
    assert sources <= set(zipfile.ZipFile(wheel).namelist())
