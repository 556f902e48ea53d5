"""A module as its bytes show it: what a sketch says, made in one go."""

from __future__ import annotations

from precollect.reading.python.facts import Scan, Sketch
from precollect.reading.python.glance import Glance, glance
from precollect.reading.python.plain_marks import PlainMarks, plain_marks
from precollect.reading.python.scan import scan

# The fields of the three that are flags, in their order.
FLAGS = (*Scan._fields[:-1], *Glance._fields[:-3], *PlainMarks._fields[:-1])


def sketch(data: bytes) -> Sketch:
    """What the bytes of a module show. Never raises, whatever they are."""
    scanned = scan(data)
    *seen, marks = scanned
    *glanced, requested, wanted, imported = glance(data)
    *marked, most_reruns = plain_marks(data, scanned)
    raised = zip(FLAGS, (*seen, *glanced, *marked), strict=True)
    return Sketch(
        flags=" ".join([flag for flag, up in raised if up]),
        marks=" ".join(sorted(marks)),
        requested=" ".join(sorted(requested)),
        fixtures_request=" ".join(sorted(wanted)),
        most_reruns=str(most_reruns),
        magnitude=str(len(data).bit_length()),
        from_imports=";".join(imported),
    )
