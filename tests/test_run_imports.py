"""No run imports what it does not need: the command of the benchmarks that lists imports says so."""

from __future__ import annotations

import subprocess
import sys

from ourselves import OURSELVES

COMMAND = OURSELVES / "benchmarks" / "imports.py"


def test_no_run_imports_what_it_does_not_need() -> None:
    done = subprocess.run(
        [sys.executable, str(COMMAND), "--rounds=1"], capture_output=True, text=True, check=False, timeout=300
    )

    assert (done.returncode, done.stderr.strip()) == (0, "")
    cold, warm = done.stdout.split("warm:\n")
    assert "  precollect.judging\n" in cold
    assert "  precollect.memory.last_clean\n" in warm
