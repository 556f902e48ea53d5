"""What reading a module has met so far, while its `when` may still be weakened."""

from __future__ import annotations

from precollect.reading.python.facts import Call, MarkUse
from precollect.reading.python.values import Value

STRENGTH = ("never", "maybe", "test", "hook", "import")


class Draft:
    """A mark use in the making; see `facts.MarkUse`."""

    def __init__(self, name: str, line: int, column: int, when: str, form: str, owner: str, *, guarded: bool) -> None:
        self.name = name
        self.line = line
        self.column = column
        self.when = when
        self.form = form
        self.target = "value"
        self.owner = owner
        self.guarded = guarded
        self.call: Call | None = None
        self.chained: str | None = None
        self.needs = ""

    def finished(self) -> MarkUse:
        """The use as a fact."""
        return MarkUse(
            self.name,
            self.line,
            self.column,
            self.when,
            self.form,
            self.target,
            self.owner,
            self.call,
            self.guarded,
            self.chained,
            self.needs,
        )


class Event:
    """Anything else that happens: `kind` is "register", "option", "ini", "setting", "environ" or "plugin".

    `hook` is the hook function in which it happens, "" at module level. `values` depends on the kind.
    """

    def __init__(self, kind: str, line: int, column: int, when: str, hook: str, values: tuple[Value, ...]) -> None:
        self.kind = kind
        self.line = line
        self.column = column
        self.when = when
        self.hook = hook
        self.values = values

    @property
    def certain(self) -> bool:
        """Whether it happens whenever the hook runs, or at module level, whenever the module is imported."""
        return self.when == "import" or self.when.startswith("hook:")


def weaker(when: str) -> str:
    """What `when` becomes where only running tells whether the place is reached."""
    return "never" if when == "never" else "maybe"


def strength(when: str) -> int:
    """Larger is more certain."""
    return STRENGTH.index(when.partition(":")[0])
