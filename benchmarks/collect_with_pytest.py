"""`pytest --collect-only` on the generated repositories, with what they require installed, and precollect beside it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

from generate import REQUIREMENTS, write_repository
from program import Program, clean_environment, run

FAR = 10_000  # modules, to which the growth that is measured is carried on


def install_requirements(folder: Path) -> Path:
    """A new environment with what the generated repositories require; returns its Python."""
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", *REQUIREMENTS], check=True)
    return python


def table(machine: str, program: Program, scratch: Path, sizes: Sequence[int]) -> str:
    """pytest's times and what they are times those of precollect, in Markdown; the two largest sizes tell of more."""
    python = install_requirements(scratch / "environment")
    lines = [
        machine,
        "",
        "| test modules | `pytest --collect-only -q` | times precollect cold | times precollect warm | peak memory |",
        "|--:|--:|--:|--:|--:|",
    ]
    times: dict[int, tuple[float, float, float]] = {}
    for modules in sorted(sizes):
        folder, cache = scratch / f"collected-{modules}", scratch / f"cache-of-collected-{modules}"
        write_repository(folder, modules)
        env = clean_environment(scratch, cache)
        words = [str(python), "-m", "pytest", "--collect-only", "-q"]
        run(words, folder, env)  # which leaves byte code, as the last commit did
        collected = min((run(words, folder, env) for _ in range(2)), key=lambda each: each.seconds)
        run(program.words(), folder, env)
        colds, warms = [], []
        for _ in range(3):
            shutil.rmtree(cache)
            colds.append(run(program.words(), folder, env).seconds)
            warms.append(run(program.words(), folder, env).seconds)
        seconds, cold, warm = times[modules] = collected.seconds, min(colds), min(warms)
        memory = f"{collected.memory / 1e6:.0f} MB"
        lines.append(f"| {modules:,} | {seconds:.1f} s | {seconds / cold:.1f} | {seconds / warm:.0f} | {memory} |")
        shutil.rmtree(folder)
    if len(times) > 1:
        lines += ["", beyond(times)]
    return "\n".join([*lines, ""])


def beyond(times: dict[int, tuple[float, float, float]]) -> str:
    """What the growth between the two largest sizes means for FAR modules."""
    (less, before), (more, after) = sorted(times.items())[-2:]
    each = [(later - sooner) / (more - less) for sooner, later in zip(before, after, strict=True)]
    pytest, cold, warm = (last + slope * (FAR - more) for last, slope in zip(after, each, strict=True))
    return (
        f"From {less:,} to {more:,} modules pytest takes {each[0] * 1000:.1f} ms for each one more. At that rate "
        f"{FAR:,} modules take it {pytest:.0f} s: {pytest / cold:.1f} times as long as precollect cold, and "
        f"{pytest / warm:.0f} times as long as precollect warm."
    )
