"""Words of addopts that are neither option nor value: pytest takes them for paths."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import join

from precollect.concerns.addopts.rules import COMMENT, MISSING_PATH, TWO_WORDS
from precollect.findings import Finding
from precollect.model.project import Project
from precollect.model.refused import name_of
from precollect.reading import collection, expression
from precollect.reading.tree import UnreadableError
from precollect.reading.words import Word
from precollect.similar import nearest

EXPRESSIONS = {"keyword": "-k", "markexpr": "-m"}
OPERATORS = frozenset({"and", "not", "or"})


def paths(project: Project) -> Iterator[Finding]:
    """The findings about paths that do not exist."""
    if any(given.name == "--pyargs" for given in project.line.given):
        return
    known = {name for option in project.plugins.options for name in option.names}
    known |= {name for _, module in project.local_plugins for option in module.options for name in option.names}
    perhaps_values = _behind_unknown_options(project)
    comment: Word | None = None
    for word in project.line.paths:
        if comment is not None and word.place[:2] == comment.place[:2]:
            continue
        if word.text[:1] in {"#", ";"} and not may_exist(project, word.text):
            comment = word
            yield COMMENT.at(
                word.place,
                f"'{word.text}' begins no comment here, what follows counts as paths and options, "
                f"pytest stops: file or directory not found: {word.text}; {_place_for_comments(project, word)}",
            )
        elif word.text.startswith("-") and " " in word.text:
            name = name_of(word.text)
            if name in known:
                yield _two_words(word, name)
        elif word not in perhaps_values:
            finding = _selection(project, word) if may_exist(project, word.text) else _missing(project, word)
            if finding is not None:
                yield finding


def _behind_unknown_options(project: Project) -> set[Word]:
    """Paths that may be values of options which nobody knows."""
    unknown = {fault.word for fault in project.line.faults if fault.trouble == "unknown"}
    found = set()
    doubtful = False
    for word in project.words:
        if word in unknown:
            doubtful = "=" not in word.text
        elif doubtful and word in project.line.paths:
            found.add(word)
        else:
            doubtful = False
    return found


def may_exist(project: Project, text: str) -> bool:
    """Whether the path exists, or may for all that files tell."""
    path = text.partition("[")[0].split("::")[0]
    within = collection.within(project.start.folder, path)
    if within is None or path.startswith(("/", "~", "\\")) or path[1:2] == ":":
        return True
    if path.startswith("@") and project.behaves("addopts-at-file"):
        return True
    # A link or a submodule may lead anywhere.
    return collection.exists(project.tree, within) or any(above in project.tree for above in collection.parents(within))


def _selection(project: Project, word: Word) -> Finding | None:
    """The finding about a test that is selected in a folder."""
    path, selects, _ = word.text.partition("[")[0].partition("::")
    within = collection.within(project.start.folder, path)
    if not selects or within is None or not project.tree.has_folder(within):
        return None
    return MISSING_PATH.at(
        word.place,
        f"pytest stops: directory argument cannot contain :: selection parts: {word.text}; name the file",
    )


def _missing(project: Project, word: Word) -> Finding | None:
    text = word.text
    if _is_ignored_by_git(project, text):
        return None
    advice = _advice(project, word)
    return (
        MISSING_PATH.at(word.place, f"pytest stops: file or directory not found: {text}; {advice}") if advice else None
    )


def _advice(project: Project, word: Word) -> str:
    """What to do about a missing path; "" where another finding tells of the same mistake."""
    before = next((given for given in project.line.given if _follows(project, given.words[-1], word)), None)
    if before is not None and before.option.dest in EXPRESSIONS:
        option = EXPRESSIONS[before.option.dest]
        if isinstance(expression.parse(before.value or ""), str):
            return ""  # the half expression is told of already
        if word.text in OPERATORS:
            return f"quote the expression of {option}: {option} '{before.value} {word.text} ...'"
    if any(_follows(project, path, word) and path.text in OPERATORS for path in project.line.paths):
        return ""
    if " " in word.text:
        return "an item of a list is one word, write one item for each"
    near = nearest(word.text, _names_beside(project, word.text), most=1)
    return f"did you mean '{near[0]}'?" if near else "correct it or remove it"


def _follows(project: Project, before: Word, word: Word) -> bool:
    return word.index == before.index + 1 and word.place.path == before.place.path


def _names_beside(project: Project, text: str) -> list[str]:
    """Existing paths in the folder of a missing one, as they would be written."""
    parent, _, _ = text.rstrip("/").rpartition("/")
    folder = collection.within(project.start.folder, parent)
    if folder is None:
        return []
    names = [*project.tree.folders_in(folder), *project.tree.files_in(folder)]
    return [join(parent, name) for name in names]


def _is_ignored_by_git(project: Project, text: str) -> bool:
    """Whether a part of the path stands in .gitignore: then it may be made before tests run."""
    try:
        lines = project.tree.read(".gitignore").decode("utf-8", "replace").split("\n")
    except UnreadableError:
        return False
    patterns = {line.strip().strip("/").rpartition("/")[2] for line in lines}
    return not patterns.isdisjoint(text.strip("/").split("/"))


def _two_words(word: Word, name: str) -> Finding:
    value = word.text[len(name) :].strip()
    return TWO_WORDS.at(
        word.place,
        f"'{word.text}' is one word and so a path, pytest stops: file or directory not found: {word.text}; "
        f"write '{name}={value}', or two items",
    )


def _place_for_comments(project: Project, word: Word) -> str:
    config = project.config
    if config is not None and word.place.path == config.path and config.path.endswith(".toml"):
        return "write a list, which may hold comments, or put it outside of the text"
    return "put the comment on a line of its own"
