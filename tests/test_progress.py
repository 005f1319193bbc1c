"""Progress: nothing where it is not wanted, lines where there is no terminal, a bar in one."""

from __future__ import annotations

import io

import pytest

from torchsmote import progress
from torchsmote.progress import show_progress


def run(**options):
    with show_progress("training", total=3, **options) as advance:
        for _ in range(3):
            advance()


def test_nothing_is_shown_when_not_wanted(capfd):
    run(show=False)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("installed", [True, False])
def test_lines_without_a_terminal_and_without_rich(capfd, monkeypatch, installed):
    monkeypatch.setattr(progress, "_SECONDS_BETWEEN_LINES", 0.0)
    if not installed:
        monkeypatch.setattr(progress, "import_extra", refuse)
    run()
    out, err = capfd.readouterr()
    assert out == ""
    assert err.splitlines() == ["training: 1 of 3", "training: 2 of 3", "training: 3 of 3"]


def refuse(module, extra="demo"):
    raise ImportError(module)


def test_quick_work_prints_no_line(capfd):
    run()
    assert capfd.readouterr().err == ""


def test_a_bar_in_a_terminal(monkeypatch):
    from rich.console import Console

    console = Console(force_terminal=True, width=60, record=True, file=io.StringIO())
    monkeypatch.setattr(progress, "terminal", lambda: console)
    run()
    assert "training" in console.export_text()
