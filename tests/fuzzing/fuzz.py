"""Fuzz every way in with mutated seeds: python tests/fuzzing/fuzz.py [--inputs N] [--corpus FOLDER] [ENTRY ...]

`--corpus`: a folder of clones, whose files are further seeds. `--keep`: where inputs that broke a promise are written.
Prints a line for each entry: inputs, seconds, the slowest of them; below it each broken promise, once per place.
Exit status: 0 every promise held, 1 some were broken. `guided.py` does the same, led by coverage.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

from contract import bound_memory
from entries import ENTRIES, warm_up
from mutations import mutated
from seeds import seeds_of
from tally import Tally

ROUND = 5000  # inputs that hypothesis makes before it begins anew: it keeps a memory of all


def tallied(name: str, inputs: int, start: int, corpus: Path | None) -> Tally:
    """Every seed as it is, and mutated seeds. Nothing fails here, since hypothesis stops at failures."""
    tally = Tally(name, ENTRIES[name])
    seeds = seeds_of(ENTRIES[name], corpus)
    for data in seeds:
        tally.run(data)
    while tally.inputs < inputs:

        @seed(start + tally.inputs)
        @settings(
            max_examples=min(ROUND, inputs - tally.inputs),
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(data=mutated(seeds))
        def generate(data: bytes) -> None:
            tally.run(data)

        before = tally.inputs
        generate()
        if tally.inputs == before:
            break
    return tally


def parse(description: str) -> argparse.Namespace:
    """The arguments of both commands."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("entries", nargs="*", metavar="ENTRY", help=f"of: {', '.join(ENTRIES)} (default: all)")
    parser.add_argument("--inputs", type=int, default=1000, help="for each entry (default: 1000)")
    parser.add_argument("--seed", type=int, default=0, help="another one makes other inputs")
    parser.add_argument("--corpus", type=Path, help="a folder of clones")
    parser.add_argument("--keep", type=Path, help="a folder for inputs that broke a promise")
    arguments = parser.parse_args()
    if unknown := set(arguments.entries) - set(ENTRIES):
        parser.error(f"there is no entry {', '.join(sorted(unknown))}")
    return arguments


def main() -> int:
    arguments = parse(__doc__.partition("\n")[0])
    bound_memory()
    warm_up()
    broken = 0
    for name in arguments.entries or ENTRIES:
        broken += tallied(name, arguments.inputs, arguments.seed, arguments.corpus).told("hypothesis", arguments.keep)
        sys.stdout.flush()
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
