"""What a run of many inputs counts, and how it is told."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

from contract import PATIENCE, Broken, broken_by
from entries import Entry


class Tally:
    """Inputs given to one entry, and what they broke: for each place the shortest of them."""

    def __init__(self, name: str, entry: Entry) -> None:
        self.name = name
        self.entry = entry
        self.inputs = 0
        self.slowest = 0.0
        self._slowest_input = b""
        self._broken: dict[tuple[str, str], tuple[Broken, bytes]] = {}
        self._start = time.monotonic()

    def run(self, data: bytes) -> None:
        """Give one input to the entry."""
        start = time.process_time()
        broken = broken_by(self.entry.read, data, self.entry.refusals)
        took = time.process_time() - start
        self.inputs += 1
        if took > self.slowest:
            self.slowest, self._slowest_input = took, data
        if broken:
            known = self._broken.get((broken.breach, broken.where))
            if known is None or len(data) < len(known[1]):
                self._broken[broken.breach, broken.where] = broken, data

    def told(self, tool: str, keep: Path | None) -> int:
        """Print a line, and below it each broken promise, whose input goes to the folder `keep`; how many there are."""
        seconds = time.monotonic() - self._start
        print(
            f"{self.name:32} {tool:10} {self.inputs:7} inputs {seconds:6.0f} s  slowest {self.slowest * 1000:5.0f} ms"
        )
        found = list(self._broken.values())
        if self.slowest > PATIENCE / 2 and not any(broken.breach == "hang" for broken, _ in found):
            found.append((Broken("hang", "no single place", f"{self.slowest:.1f} s"), self._slowest_input))
        for broken, data in found:
            print(f"  {broken.breach} at {broken.where}: {broken.what}\n    {data[:200]!r} ({len(data)} bytes)")
            if keep:
                keep.mkdir(parents=True, exist_ok=True)
                name = self.name.replace(" ", "-").replace("/", "-").replace("'", "")
                (keep / f"{name}-{hashlib.sha256(data).hexdigest()[:8]}").write_bytes(data)
        return len(found)
