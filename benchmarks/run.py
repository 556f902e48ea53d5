"""Measure precollect against `python -c pass`, in one run on one machine.

    python benchmarks/run.py                     20, 1,000 and 10,000 test modules
    python benchmarks/run.py --modules 20 50000  these sizes
    python benchmarks/run.py --write             put the table into benchmarks/README.md

cold: no cache of ours; the files themselves are in the system's memory. warm: nothing has changed since the last run.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from generate import module_path, write_repository

README = Path(__file__).with_name("README.md")
START, END = "<!-- figures: run.py -->\n", "<!-- end of figures -->\n"
HOOKS = ("pytest-plugin-disablers", "pytest-strict-markers", "pytest-reruns-policy", "pytest-asyncio-mode")
SMALL = 100  # modules up to which runs are repeated often


class Run(NamedTuple):
    """Wall time in seconds, and the peak memory of the process and its children in bytes."""

    seconds: float
    memory: int


class Row(NamedTuple):
    """The median of a measurement; `ratio` is to `python -c pass`."""

    modules: int
    what: str
    seconds: float
    ratio: float
    memory: int

    def __str__(self) -> str:
        memory = f"{self.memory / 1e6:.0f} MB"
        return f"| {self.modules:,} | {self.what} | {self.seconds * 1000:,.0f} ms | {self.ratio:.1f} | {memory} |"


class Bench:
    """One generated repository, and the environment that commands run in there."""

    def __init__(self, folder: Path, modules: int) -> None:
        self.folder = folder / f"repository-{modules}"
        self.cache = folder / f"cache-{modules}"
        self.modules = modules
        self.rounds = 25 if modules <= SMALL else 7 if modules <= 1000 else 3
        self.env = {**os.environ, "XDG_CACHE_HOME": str(self.cache), "HOME": str(folder), "NO_COLOR": "1"}
        write_repository(self.folder, modules)

    def run(self, words: list[str]) -> Run:
        """Run a command once; exit status 1 means findings, anything higher is an error."""
        with tempfile.TemporaryFile("w+") as errors:
            start = time.perf_counter()
            process = subprocess.Popen(
                words, cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors
            )
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - start
            process.returncode = os.waitstatus_to_exitcode(status)
            errors.seek(0)
            said = errors.read()
        if process.returncode not in (0, 1) or "Traceback" in said:
            raise SystemExit(f"{' '.join(words)}: exit {process.returncode}: {said}")
        unit = 1 if sys.platform == "darwin" else 1024
        return Run(seconds, usage.ru_maxrss * unit)

    def forget(self) -> None:
        shutil.rmtree(self.cache, ignore_errors=True)

    def change_modules(self, count: int, times: int) -> None:
        for number in range(count):
            path = self.folder / "tests" / module_path(number * self.modules // count)
            path.write_text(path.read_text() + f"\n\ndef test_added_{times}():\n    assert True\n")

    def change_configuration(self, times: int) -> None:
        path = self.folder / "pyproject.toml"
        path.write_text(path.read_text().replace("timeout = 6", f"log_date_format = '{times}'\ntimeout = 6", 1))
        path.write_text(path.read_text().replace(f"log_date_format = '{times - 1}'\n", ""))


def script(name: str) -> str:
    """The console script of the environment that runs us."""
    return str(Path(sys.executable).with_name(name))


def measure(bench: Bench) -> list[Row]:
    """The rows of one repository; every round runs each command once, so that all share the machine's moods."""
    python, precollect = [sys.executable, "-c", "pass"], [script("precollect")]
    seen: dict[str, list[Run]] = {}
    nothing: list[Run] = []

    def note(what: str, words: list[str]) -> None:
        nothing.append(bench.run(python))
        seen.setdefault(what, []).append(bench.run(words))

    for times in range(1, bench.rounds + 1):
        bench.forget()
        note("cold", precollect)
        note("warm", precollect)
        if bench.modules <= SMALL:
            for hook in HOOKS:
                note(f"cold, {hook}", [script(hook)])  # each remembers for itself, and has just forgotten
        else:
            bench.change_modules(10, times)
            note("after a change of ten modules", precollect)
            bench.change_configuration(times)
            note("after a change of the configuration", precollect)
        note("(git ls-files -s)", ["git", "ls-files", "-s"])
        if bench.modules <= SMALL or times == 1:
            note("(ruff check --select PT --no-cache)", [script("ruff"), "check", "--select", "PT", "--no-cache", "-q"])
    unit = statistics.median(run.seconds for run in nothing)
    rows = [Row(bench.modules, "(python -c pass)", unit, 1.0, max(run.memory for run in nothing))]
    for what, runs in seen.items():
        seconds = statistics.median(run.seconds for run in runs)
        rows.append(Row(bench.modules, what, seconds, seconds / unit, max(run.memory for run in runs)))
    return rows


def table(rows: list[Row]) -> str:
    """The rows in Markdown, with what they were measured on."""
    machine = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    head = ["| test modules | run | median | times `python -c pass` | peak memory |", "|--:|---|--:|--:|--:|"]
    return "\n".join([f"Measured on {time.strftime('%Y-%m-%d')}: {machine}.", "", *head, *map(str, rows), ""])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--modules", type=int, nargs="+", default=[20, 1000, 10_000])
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory(prefix="benchmark-") as scratch:
        for modules in options.modules:
            print(f"{modules:,} modules ...", file=sys.stderr, flush=True)
            rows += measure(Bench(Path(scratch), modules))
    print(table(rows))
    if options.write:
        before, _, rest = README.read_text(encoding="utf-8").partition(START)
        after = rest.partition(END)[2]
        README.write_text(before + START + table(rows) + END + after, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
