"""examples/train_ddp.py under torchrun: what two processes begin, one finishes, as if it had done it all."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
TORCHRUN = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]


def run(*words):
    command = [sys.executable, "-W", "error", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout


def result(text):
    """The last loss, and how many digits are right."""
    return float(re.findall(r"real rows (\S+)", text)[-1]), int(re.findall(r"(\d+) of 200", text)[-1])


def test_one_process_goes_on_for_two(tmp_path):
    file = tmp_path / "run.pt"
    begun = run(*TORCHRUN, "examples/train_ddp.py", "--checkpoint", str(file), "--stop-after", "30")
    assert "2 process(es)" in begun
    assert "step 30" in begun
    assert [path.name for path in tmp_path.iterdir()] == ["run.pt"]
    rest = run("examples/train_ddp.py", "--checkpoint", str(file))
    assert rest.startswith("going on after step 30\nstep 44")
    loss, right = result(rest)
    assert loss < 0.25  # 0.15 in one run of one process, 0.41 where the two stop
    assert right >= 180
