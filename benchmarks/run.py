"""Measure precollect against `python -c pass`, in one run on one machine.

    python benchmarks/run.py                     20, 1,000 and 10,000 test modules
    python benchmarks/run.py --modules 20 50000  these sizes
    python benchmarks/run.py --write             put the table and the plots into benchmarks/
    python benchmarks/run.py --pytest            pytest --collect-only instead (installs plugins from the registry)

cold: nothing is remembered of an earlier run; the files themselves are in the system's memory. warm: nothing has
changed since the last run. What is changed is staged before it is judged. A finding in a generated repository ends
the run: it is sound.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import collect_with_pytest
import plots
from generate import SPARE_MARK, module_path, write_repository
from program import HOOKS, NOTHING, Program, Run, clean_environment, install, run
from stages import MEMORY, REST

HERE = Path(__file__).resolve().parent
SMALL = 100  # modules up to which runs are repeated often
RUFF = "ruff check --select PT --no-cache"
READ_ALL = """\
import os, re
names = set()
for folder, _, files in os.walk("tests"):
    for file in files:
        with open(os.path.join(folder, file), "rb") as module:
            names.update(re.findall(rb"mark\\.(\\w+)", module.read()))
"""
Stages = Mapping[str, float]


class Row(NamedTuple):
    """Medians of a measurement; `ratio` and `work` are wall and processor time, `python -c pass` being 1."""

    modules: int
    what: str
    seconds: float
    ratio: float
    work: float
    memory: int

    def __str__(self) -> str:
        figures = f"{self.seconds * 1000:,.0f} ms | {self.ratio:.1f} | {self.work:.1f} | {self.memory / 1e6:.0f} MB"
        return f"| {self.modules:,} | {self.what} | {figures} |"


class Bench:
    """One generated repository, and what has been measured there."""

    def __init__(self, program: Program, scratch: Path, modules: int) -> None:
        self.program = program
        self.modules = modules
        self.folder = scratch / f"repository-{modules}"
        self._cache = scratch / f"cache-{modules}"
        self._env = clean_environment(scratch, self._cache)
        self._seen: dict[str, list[Run]] = {}
        self._nothing: list[Run] = []
        write_repository(self.folder, modules)
        run(program.words(), self.folder, self._env)  # from now on everything is in the system's memory

    def note(self, what: str, words: Sequence[str], expected: Sequence[int] = (0,)) -> None:
        """Measure a command once, and `python -c pass` beside it, so that both share the machine's moods."""
        self._nothing.append(run(NOTHING, self.folder, self._env))
        self._seen.setdefault(what, []).append(run(words, self.folder, self._env, expected))

    def note_hook(self, what: str, hook: str = "precollect") -> None:
        self.note(what, self.program.words(hook))

    def forget(self) -> None:
        shutil.rmtree(self._cache, ignore_errors=True)

    def append_tests(self, count: int, number: int, mark: str = "") -> None:
        """Append a test to so many modules, others for each number below the count of modules, and stage them."""
        name = f"{mark or 'added'}_{number}"
        decorator = f"@pytest.mark.{mark}\n" if mark else ""
        paths = [
            self.folder / "tests" / module_path((each * self.modules // count + number) % self.modules)
            for each in range(count)
        ]
        for path in paths:
            path.write_text(f"{path.read_text()}\n\n{decorator}def test_{name}():\n    assert True\n")
        self._stage(paths)

    def change_configuration(self, number: int) -> None:
        path = self.folder / "pyproject.toml"
        lines = [line for line in path.read_text().splitlines(True) if not line.startswith("log_date_format")]
        lines.insert(lines.index("timeout = 60\n"), f'log_date_format = "{number}"\n')
        path.write_text("".join(lines))
        self._stage([path])

    def _stage(self, paths: Iterable[Path]) -> None:
        subprocess.run(["git", "add", *map(str, paths)], cwd=self.folder, check=True)

    def rows(self) -> list[Row]:
        """What was measured, and `python -c pass` first."""
        unit, unit_work = _median(self._nothing)
        rows = []
        for what, runs in {"(python -c pass)": self._nothing, **self._seen}.items():
            seconds, work = _median(runs)
            memory = max(each.memory for each in runs)
            rows.append(Row(self.modules, what, seconds, seconds / unit, work / unit_work, memory))
        return rows

    def stages(self, rounds: int) -> Stages:
        """Stage of a cold run → seconds; of the fastest of several runs."""
        words = [sys.executable, str(HERE / "stages.py"), str(self.program.packages)]
        found: list[Stages] = []
        for _ in range(rounds):
            self.forget()
            done = subprocess.run(words, cwd=self.folder, env=self._env, capture_output=True, text=True, check=True)
            found.append(json.loads(done.stdout))
        fastest = min(found, key=lambda stages: sum(stages.values()))
        start = min(each.seconds for each in self._nothing)
        return {"starting Python": start, **fastest}


def _median(runs: Iterable[Run]) -> tuple[float, float]:
    runs = list(runs)
    return statistics.median(each.seconds for each in runs), statistics.median(each.work for each in runs)


def measure_small(bench: Bench, rounds: int) -> None:
    """Every hook by itself, and what a person does in a small repository."""
    for number in range(rounds):
        bench.forget()
        bench.note_hook("cold")
        bench.note_hook("warm")
        bench.append_tests(1, number)
        bench.note_hook("after a change of one module")
        for hook in HOOKS:
            if hook != "precollect":
                bench.note_hook(f"cold, {hook}", hook)  # each remembers for itself, and has just forgotten
                bench.note_hook(f"warm, {hook}", hook)
        compare(bench)


def measure_large(bench: Bench, rounds: int) -> None:
    """What happens to a large repository; changes pile up from round to round."""
    for number in range(rounds):
        bench.forget()
        bench.note_hook("cold")
        bench.note_hook("warm")
        bench.append_tests(10, number)
        bench.note_hook("after a change of ten modules")
        bench.append_tests(10, rounds + number, SPARE_MARK)
        bench.note_hook("after a change of ten modules that brings a mark")
        bench.change_configuration(number)
        bench.note_hook("after a change of the configuration")
        compare(bench)


def compare(bench: Bench) -> None:
    """What others take for the same files."""
    bench.note("(git ls-files -s)", ["git", "ls-files", "-s"])
    bench.note("(finding every mark.NAME in plain Python)", [sys.executable, "-c", READ_ALL])
    if ruff := shutil.which("ruff", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"):
        _, *words = RUFF.split()
        bench.note(f"({RUFF})", [ruff, *words], expected=(0, 1))  # it has opinions on generated tests


def measure(program: Program, scratch: Path, modules: int) -> tuple[list[Row], Stages]:
    """The rows of one size, and the stages of a cold run."""
    bench = Bench(program, scratch, modules)
    if modules <= SMALL:
        measure_small(bench, 15)
    else:
        measure_large(bench, 7 if modules <= 1000 else 5 if modules <= 10_000 else 3)
    stages = bench.stages(7 if modules <= SMALL else 3)
    shutil.rmtree(bench.folder)
    return bench.rows(), stages


def table(rows: Iterable[Row]) -> str:
    """The rows in Markdown, with what they were measured on."""
    head = [
        "| test modules | run | median | times `python -c pass` | the same for processor time | peak memory |",
        "|--:|---|--:|--:|--:|--:|",
    ]
    return "\n".join([machine(), "", *head, *map(str, rows), ""])


def machine() -> str:
    """When and where this was measured."""
    words = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    return f"Measured on {time.strftime('%Y-%m-%d')}: {words}."


def time_over_modules(rows: Iterable[Row]) -> str:
    """The plot of wall time by size."""
    names = {"cold": "cold", "warm": "warm", f"({RUFF})": "ruff check --select PT"}
    series: dict[str, list[tuple[float, float]]] = {}
    for row in rows:
        name = names.get(row.what) or ("after a change" if row.what in AFTER_A_CHANGE else "")
        if name:
            label = name if name.startswith("ruff") else f"precollect, {name}"
            series.setdefault(label, []).append((row.modules, row.seconds))
    return plots.lines("Time of a run", series, "test modules", "wall time")


AFTER_A_CHANGE = {"after a change of one module", "after a change of ten modules"}


def stages_of_a_cold_run(stages: Mapping[int, Stages]) -> str:
    """The plot of the stages of the smallest and the largest size."""
    shown = {}
    for modules in sorted({min(stages), max(stages)}):
        seconds = dict(stages[modules])
        for last in (MEMORY, REST):
            seconds[last] = seconds.pop(last)
        shown[f"{modules:,} modules"] = seconds
    return plots.bars("Where the time of a cold run goes", shown)


def write_figures(name: str, text: str) -> None:
    """Put a text between the marks of a name in README.md."""
    readme = HERE / "README.md"
    start, end = f"<!-- figures: {name} -->\n", f"<!-- end of figures: {name} -->\n"
    before, _, rest = readme.read_text(encoding="utf-8").partition(start)
    readme.write_text(f"{before}{start}{text}{end}{rest.partition(end)[2]}", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--modules", type=int, nargs="+", help="sizes (default: 20 1000 10000; --pytest: 20 1000 2000)")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--pytest", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        scratch = Path(folder)
        program = install(scratch)
        if options.pytest:
            text = collect_with_pytest.table(machine(), program, scratch, options.modules or [20, 1000, 2000])
            print(text)
            if options.write:
                write_figures("pytest", text)
            return 0
        rows: list[Row] = []
        stages: dict[int, Stages] = {}
        for modules in options.modules or [20, 1000, 10_000]:
            print(f"{modules:,} modules ...", file=sys.stderr, flush=True)
            more, stages[modules] = measure(program, scratch, modules)
            rows += more
    print(table(rows))
    if options.write:
        write_figures("run", table(rows))
        (HERE / "time-over-modules.svg").write_text(time_over_modules(rows), encoding="utf-8")
        (HERE / "stages.svg").write_text(stages_of_a_cold_run(stages), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
