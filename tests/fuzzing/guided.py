"""Fuzz every way in, led by coverage: python tests/fuzzing/guided.py [--inputs N] [--corpus FOLDER] [ENTRY ...]

As `fuzz.py`, with atheris, which keeps inputs that reach new lines of ours and mutates them further. It has to be
installed beside precollect, on a Python that it has wheels for (`pip install atheris`).
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import atheris  # no requirement of the ordinary tests

with atheris.instrument_imports(include=["precollect"]):
    from entries import ENTRIES, warm_up

    warm_up()

from contract import LARGEST
from fuzz import parse
from mutations import TOKENS
from seeds import seeds_of
from tally import Tally

CHILD = "PRECOLLECT_FUZZED_ENTRY"  # libFuzzer never gives its process back, so each entry has one of its own


def fuzz(name: str, inputs: int, seed: int, corpus: Path | None, keep: Path | None) -> None:
    """Fuzz one entry in the current folder, and leave the process: status 0 every promise held, 1 some were broken."""
    folder = Path("corpus")
    folder.mkdir()
    for number, data in enumerate(seeds_of(ENTRIES[name], corpus)):
        (folder / str(number)).write_bytes(data)
    escaped = ["".join(f"\\x{byte:02x}" for byte in token) for token in TOKENS if len(token) < 64]
    Path("words").write_text("\n".join(f'"{word}"' for word in dict.fromkeys(escaped)), encoding="ascii")
    tally = Tally(name, ENTRIES[name])

    def one(data: bytes) -> None:
        tally.run(data)
        if tally.inputs == inputs:
            broken = tally.told("atheris", keep)
            sys.stdout.flush()
            os._exit(1 if broken else 0)

    words = [f"-seed={seed + 1}", f"-max_len={LARGEST // 5}", "-dict=words", "-verbosity=0", "-timeout=1000"]
    atheris.Setup([sys.argv[0], *words, "-rss_limit_mb=4096", "-use_value_profile=0", str(folder)], one)
    atheris.Fuzz()


def main() -> int:
    arguments = parse(__doc__.partition("\n")[0])
    if name := os.environ.get(CHILD):
        fuzz(name, arguments.inputs, arguments.seed, arguments.corpus, arguments.keep)
    absolute = [str(Path(word).resolve()) if Path(word).exists() else word for word in sys.argv[1:]]
    status = 0
    for name in arguments.entries or ENTRIES:
        with tempfile.TemporaryDirectory() as folder:
            words = [sys.executable, str(Path(__file__).resolve()), *absolute]
            done = subprocess.run(words, cwd=folder, env={**os.environ, CHILD: name}, check=False)
        status = max(status, done.returncode)
    return status


if __name__ == "__main__":
    sys.exit(main())
