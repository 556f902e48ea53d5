"""Ask the real pytest what it does with cases.

    python tests/cases/record.py CASE.toml ...            run pytest, write [recorded] into the cases
    python tests/cases/record.py --verify [CASE.toml ...]  run pytest, show where it differs from the recording
    python tests/cases/record.py --unpack STACK FOLDER CASE.toml    lay the project out, to look at it

Each distribution is installed once into a folder of its own (PRECOLLECT_STACKS, by default
~/.cache/precollect-stacks); a run sees only those that its case names, so a missing plugin is really missing.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from case_files import STACKS, Case, Recording, all_cases, lay_out, read_case, write_recording

INSTALLED = Path(os.environ.get("PRECOLLECT_STACKS", Path.home() / ".cache" / "precollect-stacks"))
NO_ANSWER = 124
SECONDS = 90

# As the `pytest` command does: `python -m pytest` would put the start folder on sys.path.
COMMAND = """
import sys
from importlib.metadata import entry_points
(command,) = entry_points(group="console_scripts", name="pytest")
sys.exit(command.load()())
"""

# Counts what collection found, however quiet the project's own options make pytest.
COUNTER = """
import os
def pytest_collection_finish(session):
    with open(os.environ["COUNT_FILE"], "w") as out:
        out.write(str(len(session.items)))
"""

# The lines that tell why pytest failed; the first pattern that any line matches decides.
TELLING = [
    re.compile(pattern)
    for pattern in (
        r"not found in `markers`|unrecognized arguments|error: argument |^import file mismatch|Duplicate parametriz",
        r"^INTERNALERROR> \S*(Error|Exception|Warning|Failed|Exit): ",
        r"^E   +(?!\[)\S",
        r"^(\S.*: error|ERROR): (?!found no|while parsing|usage: )",
        r"^\S*(Error|Exception|Failed|Exit): ",
        r"^(ERROR|FAILED) ",
    )
]


def installed(pin: str) -> Path:
    """The folder that holds one distribution, installed on first use."""
    folder = INSTALLED / pin
    if not folder.exists():
        INSTALLED.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=INSTALLED) as scratch:
            target = Path(scratch, "target")
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(target), pin]
            subprocess.run(pip, check=True)
            target.rename(folder)
    return folder


def bare_python() -> Path:
    """An interpreter without any distribution."""
    folder = INSTALLED / "python-{}.{}".format(*sys.version_info)
    if not folder.exists():
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    return folder / "bin" / "python"


def pins_of(case: Case, stack: str) -> list[str]:
    """Everything that the case's environment holds, each once."""
    pins = [pin for name in ["pytest", *case.plugins] for pin in STACKS[stack][name]]
    return list(dict.fromkeys(pins))


def observe(case: Case, stack: str) -> Recording:
    """Collect and, where that works, run the case's project with the stack's pytest."""
    collect, tests, says, warns = run_pytest(case, stack, ["--collect-only"])
    if collect not in (0, 5):
        return Recording(collect, None, tests, says)
    run, _, run_says, run_warns = run_pytest(case, stack, [])
    if run not in (0, 5):
        return Recording(collect, run, tests, run_says)
    return Recording(collect, run, tests, says if collect else "", warns or run_warns if not collect else "")


def run_pytest(case: Case, stack: str, words: list[str]) -> tuple[int, int, str, str]:
    """Exit status, number of tests collected, the line that tells why it failed, the first warning ("": none)."""
    with tempfile.TemporaryDirectory(prefix="case-") as scratch:
        project, tools, count = Path(scratch, "home", "project"), Path(scratch, "tools"), Path(scratch, "count")
        project.mkdir(parents=True)
        tools.mkdir()
        (tools / "pytest").write_text(COMMAND)
        (tools / "count_tests.py").write_text(COUNTER)
        lay_out(case, stack, project)
        own = [project, project / "src"] if case.importable else []
        path = [*(installed(pin) for pin in pins_of(case, stack)), *own]
        env = {
            "PATH": os.environ["PATH"],
            "HOME": scratch,
            "LANG": "C.UTF-8",
            "COLUMNS": "200",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": os.pathsep.join(map(str, path)),
            "COUNT_FILE": str(count),
            **case.env,
        }
        try:
            done = subprocess.run(
                [bare_python(), tools / "pytest", "-p", "count_tests", *words, *case.arguments],
                cwd=project / case.start,
                env=env,
                timeout=SECONDS,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
        except subprocess.TimeoutExpired:
            return NO_ANSWER, 0, "no answer in time", ""
        tests = int(count.read_text()) if count.exists() else 0
        output = done.stdout.decode("utf-8", "replace").replace(str(project), ".").replace(str(INSTALLED), "STACKS")
        return done.returncode, tests, reason(output), warning(output)


def reason(output: str) -> str:
    """The line of pytest's output that tells why it failed, at most 200 characters."""
    plain = re.sub(r"\x1b\[[0-9;]*m|^collecting \.\.\. ", "", output, flags=re.MULTILINE)
    lines = [line.strip() for line in plain.splitlines() if line.strip()]
    found = next((line for pattern in TELLING for line in lines if pattern.search(line)), (lines or [""])[-1])
    return re.sub(r"^(E   +|INTERNALERROR> |=+ )| =+$", "", found).replace(sys.base_prefix, "PYTHON")[:200]


def warning(output: str) -> str:
    """The first warning of pytest's own, at most 200 characters, or ""."""
    found = re.search(r"\bPytest\w*Warning: .+", output)
    return found[0].strip()[:200] if found else ""


def prepare(cases: list[Case]) -> None:
    """Install what the cases need, one after the other, before runs go on side by side."""
    bare_python()
    for pin in sorted({pin for case in cases for stack in case.stacks for pin in pins_of(case, stack)}):
        installed(pin)


def record(cases: list[Case], *, verify: bool, jobs: int) -> int:
    """How many recordings differ from what was recorded before; writes the new ones unless `verify`."""
    differences = 0
    with ThreadPoolExecutor(jobs) as pool:
        runs = [(case, {stack: pool.submit(observe, case, stack) for stack in case.stacks}) for case in cases]
        for case, promised in runs:
            seen = {stack: promise.result() for stack, promise in promised.items()}
            for stack, now in seen.items():
                before = case.recorded.get(stack)
                if before is None or before[:3] != now[:3]:
                    differences += 1
                    print(f"{case.name} [{stack}]: {'new' if before is None else f'was {before}'}: {now}", flush=True)
            if not verify:
                write_recording(case, seen)
    return differences


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--verify", action="store_true", help="write nothing; exit 1 where pytest now does otherwise")
    parser.add_argument("--unpack", nargs=2, metavar=("STACK", "FOLDER"), help="write the project of one case")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("cases", nargs="*", type=Path)
    options = parser.parse_args()
    cases = [read_case(path.resolve()) for path in options.cases]
    if options.unpack:
        (case,) = cases
        folder = Path(options.unpack[1])
        folder.mkdir(parents=True)
        lay_out(case, options.unpack[0], folder)
        return 0
    if options.verify:
        cases = cases or all_cases()
    elif not cases:
        parser.error("name the cases to record, or use --verify")
    prepare(cases)
    differences = record(cases, verify=options.verify, jobs=options.jobs)
    print(f"{len(cases)} cases, {differences} {'differences' if options.verify else 'new or changed recordings'}")
    return 1 if options.verify and differences else 0


if __name__ == "__main__":
    sys.exit(main())
