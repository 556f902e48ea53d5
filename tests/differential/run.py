"""Random projects, judged by the real pytest and by precollect.

    python tests/differential/run.py --projects 5000 --seed 1

prints every kind of disagreement on the smallest project that shows it, in the form of tests/cases, and a table.
Distributions are installed as for tests/cases/record.py. `--only SEED` looks at one project.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter, defaultdict
from contextlib import suppress
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS), str(TESTS / "cases"), str(TESTS.parent / "hooks")]

from differential.compare import Comparison, case_text, compare, shrunk  # noqa: E402
from differential.generate import project  # noqa: E402
from differential.oracle import ALL_STACKS, Oracle  # noqa: E402

RIGHT = ("agreed", "untold")
USABLE = (
    "anyio",
    "pytest-asyncio",
    "pytest-cov",
    "pytest-mock",
    "pytest-randomly",
    "pytest-rerunfailures",
    "pytest-timeout",
    "pytest-xdist",
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--projects", type=int, default=500, help="how many (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="the first project's seed; the next has the next")
    parser.add_argument("--only", type=int, metavar="SEED", help="look at one project, and shrink it if need be")
    parser.add_argument("--stack", action="append", choices=ALL_STACKS, help="pytest's version (default: all)")
    parser.add_argument("--examples", type=int, default=1, help="shown of each kind of disagreement")
    parser.add_argument("--whole", action="store_true", help="do not make the projects smaller")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after this time")
    options = parser.parse_args()
    stacks = options.stack or list(ALL_STACKS)
    plugins_of = {stack: [name for name in ALL_STACKS[stack] if name in USABLE] for stack in stacks}
    seeds = [options.only] if options.only is not None else range(options.seed, options.seed + options.projects)
    end = time.monotonic() + options.seconds
    seen: list[Comparison] = []
    shown: Counter[tuple[str, str]] = Counter()
    with Oracle() as oracle, suppress(KeyboardInterrupt):
        for seed in seeds:
            found = compare(oracle, project(seed, stacks, plugins_of))
            seen.append(found)
            kind = (found.verdict, found.about)
            if found.verdict not in RIGHT:
                shown[kind] += 1
                if shown[kind] <= options.examples:
                    print(
                        f"# seed {seed}",
                        case_text(found if options.whole else shrunk(oracle, found)),
                        sep="\n",
                        flush=True,
                    )
            elif options.only is not None:
                print(case_text(found))
            if time.monotonic() > end:
                break
    print(table(seen))
    return 1 if shown else 0


def table(seen: list[Comparison]) -> str:
    """The figures of a run, by pytest's version, and its disagreements."""
    rows = [
        f"{'pytest':8} {'projects':>8} {'broken':>7} {'lossy':>6} {'agreed':>7} {'false':>6} {'missed':>7} "
        f"{'loss missed':>11} {'crash':>6} {'untold':>7}"
    ]
    by_stack: dict[str, list[Comparison]] = defaultdict(list)
    for found in seen:
        by_stack[found.project.stack].append(found)
    for stack, found_there in (*sorted(by_stack.items()), ("all", seen)):
        verdicts = Counter(found.verdict for found in found_there)
        truths = Counter(found.truth for found in found_there)
        share = f"{truths['broken'] / max(len(found_there), 1):.0%}"
        rows.append(
            f"{stack:8} {len(found_there):8} {share:>7} {truths['lossy']:6} {verdicts['agreed']:7} "
            f"{verdicts['false alarm']:6} {verdicts['missed']:7} {verdicts['loss missed']:11} {verdicts['crash']:6} "
            f"{verdicts['untold']:7}"
        )
    rules = Counter(found.rule for one in seen for found in one.findings if found.kind == "breaks")
    rows.append("findings that break, by rule: " + ", ".join(f"{rule} {count}" for rule, count in rules.most_common()))
    kinds = Counter((found.verdict, found.about) for found in seen if found.verdict not in RIGHT)
    rows += [f"{count:5} {verdict}: {about}" for (verdict, about), count in kinds.most_common()]
    return "\n".join(rows)


if __name__ == "__main__":
    sys.exit(main())
