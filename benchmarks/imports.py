"""List the modules that a warm and a cold run import, and fail where one of them does not need them.

    python benchmarks/imports.py
    python benchmarks/imports.py --checkout FOLDER    of another checkout, to compare

cold: nothing is remembered. warm: nothing has changed since the last run. Both on a sound repository of 20 test
modules. What `python -c pass` imports itself is left out. Times are the shortest of several runs.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from generate import write_repository
from program import CHECKOUT, NOTHING, Program, clean_environment, install


def _names(text: str) -> list[str]:
    return text.split()


# Heavy, and needed by some runs only: with arguments, with findings, with fixes, outside git, on Windows.
NEVER = _names("""
    argparse configparser configupdater dataclasses difflib hashlib importlib.metadata importlib.resources iniconfig
    inspect logging multiprocessing packaging.requirements packaging.specifiers pathlib pickle random signal subprocess
    tempfile textwrap tokenize tomlkit traceback unittest zipfile
    precollect.arguments precollect.catalog.introspect precollect.commands precollect.editing
    precollect.reporting.github precollect.reporting.json precollect.reporting.sarif
""")
# Needed where there is a baseline, an environment variable for pytest, or a parametrize that raises doubts.
NEVER_COLD = [*NEVER, "precollect.baseline", "precollect.reading.python.parameters", "shlex"]
# All that judges, and what it reads with.
NEVER_WARM = _names("""
    ast json packaging tomllib
    precollect.catalog precollect.findings precollect.judging precollect.memory.sketches precollect.model
    precollect.concerns.addopts precollect.concerns.asyncio_mode precollect.concerns.config_file
    precollect.concerns.plugin_disablers precollect.concerns.requirements precollect.concerns.reruns_policy
    precollect.concerns.strict_markers precollect.concerns.test_layout
    precollect.reading.config_file precollect.reading.environment precollect.reading.python precollect.reporting.text
    precollect.settings precollect.suppressions
""")
UNNEEDED = {"cold": NEVER_COLD, "warm": [*NEVER_COLD, *NEVER_WARM]}


def unneeded(imported: Iterable[str], never: Iterable[str]) -> list[str]:
    """Those of the imported modules that are, or are part of, one that a run never needs."""
    never = set(never)
    return [name for name in imported if any(name == each or name.startswith(f"{each}.") for each in never)]


def imported(words: Sequence[str], folder: Path, env: dict[str, str]) -> dict[str, int]:
    """Module → microseconds that its own import took, in the order in which imports ended, of a Python command."""
    python, *rest = words
    done = subprocess.run(
        [python, "-X", "importtime", *rest], cwd=folder, env=env, capture_output=True, text=True, check=True
    )
    lines = [line.split("|") for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {
        name.strip(): int(own.partition(":")[2]) for own, _, name in lines if own.partition(":")[2].strip().isdigit()
    }


def of_runs(program: Program, scratch: Path, rounds: int) -> dict[str, dict[str, int]]:
    """Kind of run (cold, warm) → the modules that it imports beyond those of Python's own start, with microseconds."""
    folder, cache = scratch / "repository", scratch / "cache"
    write_repository(folder, 20)
    env = clean_environment(scratch, cache)
    always = imported(NOTHING, folder, env)
    found: dict[str, dict[str, int]] = {"cold": {}, "warm": {}}
    for _ in range(rounds):
        shutil.rmtree(cache, ignore_errors=True)
        for seen in found.values():
            for name, own in imported(program.words(), folder, env).items():
                if name not in always:
                    seen[name] = min(own, seen.get(name, own))
    return found


def table(seen: dict[str, int]) -> str:
    """The modules, those with the longest import first."""
    lines = [f"{own / 1000:7.2f} ms  {name}" for name, own in sorted(seen.items(), key=lambda item: -item[1])]
    return "\n".join([*lines, f"{sum(seen.values()) / 1000:7.2f} ms  in {len(seen)} modules"])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkout", type=Path, default=CHECKOUT)
    parser.add_argument("--rounds", type=int, default=7, help="runs of each kind (default: 7)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="imports-") as scratch:
        program = install(Path(scratch), options.checkout)
        found = of_runs(program, Path(scratch), options.rounds)
    wrong = []
    for kind, seen in found.items():
        print(f"{kind}:\n{table(seen)}\n")
        wrong += [f"a {kind} run imports {name}" for name in unneeded(seen, UNNEEDED[kind])]
    print("\n".join(wrong), file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
