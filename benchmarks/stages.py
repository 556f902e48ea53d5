"""The share of each stage of a cold run: precollect itself, with clocks in it.

    python benchmarks/stages.py    in the repository to judge; JSON on standard output, stage → seconds

A stage's time is its own: what a rule is the first to ask for (collecting, sketching, an import) counts there, not
for the rule. `run.py` starts this with the copy of the package that it measures.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

REST = "the rest"
IMPORTING = "importing"
MEMORY = "remembering"
# Stage → (module, class or "", function) of what belongs to it.
PARTS: dict[str, list[tuple[str, str, str]]] = {
    IMPORTING: [],
    "git": [("precollect.reading.git", "", "_git"), ("precollect.reading.tree", "Tree", "files")],
    "environment and configuration": [
        ("precollect.checking", "", "settled"),
        ("precollect.judging", "", "declared_at"),
        ("precollect.judging", "", "starts_at"),
        ("precollect.model.project", "Project", "found"),
        ("precollect.model.project", "Project", "plugins"),
        ("precollect.model.project", "Project", "line"),
        ("precollect.model.project", "Project", "early_line"),
        ("precollect.model.project", "Project", "values"),
        ("precollect.model.project", "Project", "local"),
    ],
    "reading the catalog": [("precollect.catalog", "", "load")],
    "collecting": [("precollect.model.project", "Project", "collection")],
    "sketching": [("precollect.model.modules", "Modules", "_look_at")],
    "parsing": [
        ("precollect.model.modules", "Modules", "read"),
        ("precollect.model.modules", "Modules", "read_alone"),
        ("precollect.model.modules", "Modules", "parametrized"),
        ("precollect.model.modules", "Modules", "compiles"),
    ],
    MEMORY: [
        ("precollect.checking", "", "program"),
        ("precollect.memory.last_clean", "LastClean", "holds"),
        ("precollect.memory.last_clean", "LastClean", "remember"),
        ("precollect.memory.sketches", "Sketches", "keep"),
        ("precollect.memory.sketches", "Sketches", "_kept"),
    ],
}


class Clock:
    """Seconds by stage; what is inside a stage interrupts it."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(PARTS, 0.0)
        self._stages = [REST]
        self._since = perf_counter()

    def tick(self) -> None:
        """Count the time since the last tick for the stage that is going on."""
        now = perf_counter()
        stage = self._stages[-1]
        self.seconds[stage] = self.seconds.get(stage, 0.0) + now - self._since
        self._since = now

    @contextmanager
    def during(self, stage: str) -> Iterator[None]:
        """Count the body for a stage."""
        self.tick()
        self._stages.append(stage)
        try:
            yield
        finally:
            self.tick()
            self._stages.pop()

    def timed(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, counted for a stage."""

        def run(*given: Any, **named: Any) -> Any:
            with self.during(stage):
                return function(*given, **named)

        return run


def put_in(clock: Clock) -> None:
    """Put the clock into the modules of precollect, which are imported for it."""
    from importlib import import_module

    for stage, parts in PARTS.items():
        for module, owner, name in parts:
            holder: Any = import_module(module)
            holder = getattr(holder, owner) if owner else holder
            held = vars(holder)[name]
            if hasattr(held, "func"):  # a cached_property
                held.func = clock.timed(stage, held.func)
            else:
                setattr(holder, name, clock.timed(stage, held))
    _concerns(clock)


def _concerns(clock: Clock) -> None:
    from precollect import judging
    from precollect.concerns.rulebook import concern

    class Timed:
        def __init__(self, name: str) -> None:
            with clock.during(IMPORTING):
                module = concern(name)
            self.RULES = module.RULES
            self._stage, self._check = f"judging: {name}", module.check

        def check(self, project: Any) -> list[Any]:
            with clock.during(self._stage):
                return list(self._check(project))

    vars(judging)["concern"] = Timed


def main() -> int:
    import importlib._bootstrap as bootstrap

    clock = Clock()
    imports = vars(bootstrap)  # `import` comes down to a function there
    imports["_find_and_load"] = clock.timed(IMPORTING, imports["_find_and_load"])
    with clock.during(IMPORTING):
        put_in(clock)
    from precollect.cli import main as run

    status = run([])
    clock.tick()
    import json

    print(json.dumps(clock.seconds))
    return status


if __name__ == "__main__":
    sys.path[0] = sys.argv.pop()
    sys.exit(main())
