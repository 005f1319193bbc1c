"""Completion in a shell: what bash offers once the script is read."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from torchsmote import cli

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")


@pytest.fixture(scope="module")
def offered(tmp_path_factory):
    """What bash offers for the last of some words."""
    folder = tmp_path_factory.mktemp("completion")
    (folder / "table.csv").touch()
    script = folder / "script.bash"
    with pytest.MonkeyPatch.context() as patch:
        texts = []
        patch.setattr("builtins.print", texts.append)
        assert cli.main(["completion", "bash"]) == 0
    script.write_text(texts[0])

    def complete(*words):
        line = " ".join(f"'{word}'" for word in ("torchsmote", *words))
        asked = f"""
            source '{script}'
            COMP_WORDS=({line}); COMP_CWORD={len(words)}
            $(complete -p torchsmote | grep -o '\\S* torchsmote$' | cut -d' ' -f1) torchsmote '{words[-1]}' ''
            printf '%s\\n' "${{COMPREPLY[@]}}"
        """
        done = subprocess.run(
            ["bash", "--norc", "-c", asked],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        return set(done.stdout.split())

    return complete


def test_commands(offered):
    assert offered("") >= set(cli.COMMANDS)
    assert offered("re") == {"resample"}


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("resample", {"--target", "--method", "--output", "--stream", "--force", "--json"}),
        ("diagnose", {"--target", "--report", "--split"}),
        ("compare", {"--target", "--report", "--model", "--group", "--resume"}),
        ("demo", {"--seeds", "--config", "--json"}),
    ],
)
def test_options(offered, command, options):
    assert offered(command, "--") >= options


def test_values_and_files(offered):
    assert {"smote", "borderline", "random-over"} <= offered("resample", "--method", "")
    assert offered("compare", "--model", "l") == {"logistic"}
    assert offered("diagnose", "ta") == {"table.csv"}


def test_zsh(capsys):
    assert cli.main(["completion", "zsh"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("#compdef torchsmote")
    assert "--strategy" in shown


def test_another_shell_is_one_line(capsys):
    assert cli.main(["completion", "cmd"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
