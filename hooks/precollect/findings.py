"""What a rule says: a finding at a place, and the edits that would mend it."""

from typing import Literal, NamedTuple

Kind = Literal["breaks", "loses", "policy"]
Severity = Literal["error", "warning"]
Concern = Literal[
    "plugin-disablers",
    "strict-markers",
    "reruns-policy",
    "asyncio-mode",
    "config-file",
    "addopts",
    "requirements",
    "test-layout",
]


class Place(NamedTuple):
    """A point in a file of the repository.

    `path` is relative to the repository's root, with "/". `line` and `column` are 1-based; a
    column counts characters, not bytes.
    """

    path: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


class RemoveWords(NamedTuple):
    """Take words out of a key that holds words (addopts), and the comment lines that explained only them.

    `words` are 0-based numbers of the key's words, as `reading.words` cuts them. The key goes
    with its last word.
    """

    path: str
    section: str
    key: str
    words: tuple[int, ...]


class AddWords(NamedTuple):
    """Append words to a key that holds words, unless they stand there already; the key is added where it is absent."""

    path: str
    section: str
    key: str
    words: tuple[str, ...]


class SetKey(NamedTuple):
    """Give a key one value; the key is added to the section where it is absent."""

    path: str
    section: str
    key: str
    value: str | bool | int


class RemoveKey(NamedTuple):
    """Take a key, its value and the comment lines that explained only it out of a section."""

    path: str
    section: str
    key: str


class AddLine(NamedTuple):
    """Append one line to a key that holds lines (markers), unless it stands there; the key is added where absent."""

    path: str
    section: str
    key: str
    line: str


class AddRequirement(NamedTuple):
    """Add one line to a list of requirements, unless the list has that distribution already.

    `route`: the keys that lead to an array of a TOML file; () for a file in pip's format. `key`: the
    distribution, normalised; `requirement`: the text to add: "pytest-cov>=4.1".
    """

    path: str
    route: tuple[str | int, ...]
    key: str
    requirement: str

    @property
    def section(self) -> str:
        """The list within its file, for people."""
        return ".".join(map(str, self.route))


class RenameSection(NamedTuple):
    """Give a section of an INI file, or a table with a header of its own, another name that nothing there has yet."""

    path: str
    section: str
    name: str

    @property
    def key(self) -> str:
        """No key: the section as a whole."""
        return ""


class RenameKey(NamedTuple):
    """Give a key another name that no key of its section has yet; its value stays as it is written."""

    path: str
    section: str
    key: str
    name: str


class SetList(NamedTuple):
    """Write the text of a TOML key as a list of these texts."""

    path: str
    section: str
    key: str
    items: tuple[str, ...]


class LiftComments(NamedTuple):
    """Move what looks like a comment behind the lines of a value in an INI file to lines of its own above them."""

    path: str
    section: str
    key: str


KeyEdit = RemoveWords | AddWords | SetKey | RemoveKey | AddLine
Respelling = RenameSection | RenameKey | SetList | LiftComments
Edit = KeyEdit | AddRequirement | Respelling


class Fix(NamedTuple):
    """Edits that mend one finding.

    `title` is an imperative sentence. `safe`: pytest then collects the same tests with the same
    options, or collects where it failed, in the only way that the author can have meant.
    """

    title: str
    safe: bool
    edits: tuple[Edit, ...]


class Related(NamedTuple):
    """Another place that a finding speaks of, and why: "used here", "registered here"."""

    place: Place
    message: str


class Finding(NamedTuple):
    """One thing that is wrong; sorts by its place. `severity`: what the settings say of it, None where they do not."""

    place: Place
    rule: str
    concern: Concern
    kind: Kind
    message: str
    related: tuple[Related, ...] = ()
    fix: Fix | None = None
    severity: Severity | None = None

    @property
    def blocks(self) -> bool:
        """Whether a commit with it is refused."""
        return self.severity != "warning"


class Rule(NamedTuple):
    """A rule's name, what it is about, the gravest kind of its findings, and one sentence on what it finds."""

    name: str
    concern: Concern
    kind: Kind
    summary: str

    def at(
        self,
        place: Place,
        message: str,
        related: tuple[Related, ...] = (),
        fix: Fix | None = None,
        *,
        kind: Kind | None = None,
    ) -> Finding:
        """The finding of this rule at a place; `kind` where this one is less grave than the rule's worst.

        A message is one line: a newline in what it quotes becomes an escape.
        """
        message = message.replace("\n", "\\n")
        return Finding(place, self.name, self.concern, kind or self.kind, message, related, fix)
