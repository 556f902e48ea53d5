"""Every way for content to come into precollect: its name, the reader behind it, and what a seed of it looks like."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable, Mapping
from functools import cache
from typing import NamedTuple
from unittest import mock

import yaml as pyyaml  # type: ignore[import-untyped]  # it comes with pre-commit

from precollect import baseline, catalog
from precollect.catalog import show, team_file
from precollect.catalog.facts import Option
from precollect.commands import init
from precollect.commands.show.json import json as show_as_json
from precollect.commands.show.text import text as show_as_text
from precollect.commands.show.view import view
from precollect.concerns.rulebook import MODULES, RuleBook, concern
from precollect.editing import ini, pre_commit_config, requirements, respelling, toml
from precollect.editing.changes import RefusedError, splice
from precollect.editing.proof import parse as parse_for_editing
from precollect.editing.proof import prove
from precollect.errors import CannotWorkError
from precollect.findings import (
    AddLine,
    AddRequirement,
    AddWords,
    Edit,
    KeyEdit,
    LiftComments,
    Place,
    RemoveKey,
    RemoveWords,
    RenameKey,
    RenameSection,
    SetKey,
    SetList,
)
from precollect.judging import Scope, declared_at, judge, starts_at
from precollect.memory import files
from precollect.memory.last_clean import LastClean
from precollect.memory.sketches import Sketches
from precollect.model.installed import Installed, releases
from precollect.model.modules import Modules
from precollect.model.project import Project, Start
from precollect.model.worlds import worlds
from precollect.reading import (
    comments,
    config_file,
    entry_points,
    environment,
    expression,
    launchers,
    warning_filters,
    words,
)
from precollect.reading.command_line import Parser
from precollect.reading.environment import lock_files, mentions
from precollect.reading.environment.conditions import holds
from precollect.reading.environment.requirement import parse as parse_requirement
from precollect.reading.git import Listing, words_on
from precollect.reading.ini import Ini
from precollect.reading.launches import calls_in, yaml
from precollect.reading.launches.piece import Piece, piece
from precollect.reading.launches.shell import commands
from precollect.reading.option_values import CONVERTERS
from precollect.reading.python import (
    asked_options,
    attributes,
    module,
    parameters,
    sketch,
    source,
    syntax,
)
from precollect.reading.text import Text, UnparsableError
from precollect.reading.tree import Tree, UnreadableError
from precollect.reporting import FORMATS, in_order, report
from precollect.reporting.terminal import Look
from precollect.settings import Known, Settings, from_option, load
from precollect.suppressions import apply

BEHAVIOURS = (
    frozenset({"native-table", "dot-pytest-ini-without-section", "both-tables-fail", "parses-losing-files"}),
    frozenset({"no-dot-pytest-ini", "pyproject-sets-rootdir"}),
)
SLOW_YAML = 5_000  # bytes beyond which a real parser may take longer than an input may
SEPARATOR = b"\n--- "
"""Between the files of a tree that is written as one text: a name, a newline, the content."""


class Entry(NamedTuple):
    """A way in. `files`: how the paths end whose contents are seeds; `refusals`: the documented exceptions."""

    read: Callable[[bytes], object]
    files: tuple[str, ...] = ()
    refusals: tuple[type[Exception], ...] = ()


class Files(Tree):
    """A tree in memory."""

    def __init__(self, contents: Mapping[str, bytes]) -> None:
        super().__init__("/nowhere", dict.fromkeys(contents, words_on(stat.S_IFREG)))
        self._contents = contents

    def _read(self, path: str) -> bytes:
        if path not in self._contents:
            raise UnreadableError("not in the commit")
        return self._contents[path]


def unpacked(data: bytes) -> dict[str, bytes]:
    """The files in a text that holds several; a name that no tree could hold is passed over."""
    files = {}
    for part in (b"\n" + data).split(SEPARATOR)[1:]:
        name, _, content = part.partition(b"\n")
        path = name.decode("utf-8", "surrogateescape").strip("/")
        if path and "\0" not in path and {"", ".", ".."}.isdisjoint(path.split("/")):
            files[path] = content
    folders = {"/".join(path.split("/")[:depth]) for path in files for depth in range(1, path.count("/") + 1)}
    return {path: content for path, content in files.items() if path not in folders}


def packed(files: Mapping[str, bytes]) -> bytes:
    """The text that holds these files."""
    return b"".join(b"\n--- %b\n%b" % (name.encode(), content) for name, content in files.items())


def configuration(path: str) -> Callable[[bytes], None]:
    """The reader of a configuration file of this name, and of everything that its entries may be asked."""

    def read(data: bytes) -> None:
        for behaviours in BEHAVIOURS:
            found = config_file.load(path, data, behaviours)
            if found is None:
                continue
            assert found.header.line > 0
            for entry in found.entries.values():
                assert (entry.place.line, entry.place.column) > (0, 0)
                assert all(place.path == path for _, place in entry.lines)
                assert entry.is_table in (True, False)
                try:
                    cut = words.cut(entry)
                except words.BadWords as error:
                    assert error.place.line > 0  # noqa: PT017
                else:
                    known_options().parse(cut)

    return read


@cache
def known_options() -> Parser:
    """The options of pytest and of the plugins met most often."""
    options: list[Option] = []
    for name in ("pytest", "pytest-xdist", "pytest-cov", "pytest-rerunfailures", "pytest-benchmark"):
        known = catalog.load(name)
        assert known is not None
        options += known.at(known.newest).options
    return Parser(options)


def declarations(path: str, *beside: str) -> Callable[[bytes], None]:
    """The reader of what a file declares to be installed, and every question that rules ask about it."""

    def read(data: bytes) -> None:
        tree = Files({path: data, **dict.fromkeys(beside, b'[project]\nname = "a"\ndependencies = ["pytest"]\n')})
        found = environment.read(tree, "", releases, catalog.brings)
        assert found.closed is not bool(found.why_open)
        for name in ("pytest", "pytest-asyncio", "pytest-xdist", *sorted(found.names)[:20]):
            found.presence(name)
            found.versions(name)
            found.declared(name)
        assert found.present is not None
        assert found.unknown_plugins is not None
        mentions.words(tree)
        entry_points.own_plugins(tree, "")

    return read


def lock(path: str) -> Callable[[bytes], None]:
    def read(data: bytes) -> None:
        found = lock_files.read(Files({path: data}), path)
        assert found.covers("project") in (True, False)
        for name in list(found.packages)[:50]:
            found.versions(name)
            assert found.place(name).line > 0
        found.reached(["pytest", *list(found.packages)[:5]], lambda marker: holds(marker, ">=3.9"))
        declarations(path, "pyproject.toml")(data)

    return read


def python(data: bytes) -> None:
    """All that is ever asked of a Python file."""
    sketch.sketch(data)
    syntax.compiles(data)
    parameters.read(data)
    module.read(data, "conftest.py")
    module.read(data, "test_a.py", lambda name, path: (f"{name[:9]}.py", data))
    list(asked_options.asked_by_hooks(data, {"pytest_configure", "pytest_collection_modifyitems"}))
    attributes.set_and_read(data, "Plugin", "setter")


def python_source(data: bytes) -> None:
    source.parse(data)


def settings(path: str) -> Callable[[bytes], None]:
    def read(data: bytes) -> None:
        load(Known(RuleBook(), MODULES, Files({path: data, "a/b.py": b"", "catalog.json": b"[]"})))

    return read


def settings_of_options(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    known = Known(RuleBook(), MODULES, Files({"a.py": b""}))
    for key in ("allow-disabled", "house-rules", "ignore", "max-reruns", "min-reruns-delay", "asyncio-mode", "pytest"):
        try:
            from_option(Settings(), f"--{key}", key, text, known)
        except CannotWorkError as error:
            assert str(error).startswith(f"--{key}: ")  # noqa: PT017


def suppressions(path: str) -> Callable[[bytes], None]:
    """Comments, and what is said about them, in a file of this name."""

    def read(data: bytes) -> None:
        comments.comments_with("precollect", path, data)
        comments.comments_with("a", path, data)
        apply([], Files({path: data}), rules=RuleBook(), judged=list(RuleBook()), files=[path])

    return read


def launched(path: str) -> Callable[[bytes], None]:
    def read(data: bytes) -> None:
        for name in launchers.VARIABLES:  # so that the text is always looked into
            list(launchers.variables(Files({path: b"%b: x\npytest\n%b" % (name.encode(), data)})))

    return read


def launching(path: str) -> Callable[[bytes], None]:
    """The calls of pytest in a file of this name: each stands where it says."""

    def read(data: bytes) -> None:
        content = b"# pytest\n" + data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")  # so that it is looked into
        lines = content.decode("utf-8", "replace").split("\n")
        for call in calls_in(Files({path: content}), {""}):
            line = lines[call.place.line - 1]
            assert line[call.place.column - 1 :] or call.place.column == len(line) + 1
            assert all(word.place.line <= len(lines) for word in (*call.arguments, *call.addopts, *call.plugins))

    return read


def pipeline(data: bytes) -> None:
    """The YAML of pipelines, and the words of the shell in its texts and in the whole."""
    source = Text("a.yml", data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n"))
    pending = [yaml.read(source)]
    while pending:
        node = pending.pop()
        if isinstance(node, Piece):
            assert node.text == "" or node.place(0).line > 0
            commands(node)
        elif isinstance(node, (dict, list)):
            pending += node.values() if isinstance(node, dict) else node
    commands(piece(source, 0, source.content), re.compile(r"\$\{\{(.*?)\}\}"))


def baselines(data: bytes) -> None:
    """A baseline that is read, written and read again is the same."""
    found = baseline.parse("b.json", data)
    if found is None:
        return
    again = baseline.parse("b.json", baseline.text(found.folders, found.entries).encode("ascii"))
    assert again is not None
    assert again.entries == found.entries
    rules = RuleBook()
    scope = Scope([""], Settings(), tuple(MODULES), (), rules)
    compared = baseline.compare(found, [], scope)
    baseline.said_of(found, compared.solved)
    assert not set(baseline.without(found, compared.solved)) & set(compared.solved)
    assert baseline.renewed(found, [], scope) == sorted(baseline.renewed(found, [], scope))


def hook_configuration(data: bytes) -> None:
    """A hook is added where a YAML parser sees it, behind all that was there; or the file is refused."""
    init.has_hook(data)
    try:
        made = pre_commit_config.added(data, "https://example.org/x", "v1", "x")
    except RefusedError:
        return
    if len(data) > SLOW_YAML:
        return
    try:
        before = pyyaml.load(data, pyyaml.CSafeLoader)
    except (pyyaml.YAMLError, ValueError, RecursionError):
        return
    own = {"repo": "https://example.org/x", "rev": "v1", "hooks": [{"id": "x"}]}
    assert pyyaml.load(made, pyyaml.CSafeLoader) == {**before, "repos": [*before["repos"], own]}


def shown(data: bytes) -> None:
    """What `precollect show` says of a tree of files."""
    tree = Files(unpacked(data))
    settled = load(Known(RuleBook(), MODULES, tree))
    installed = Installed(declared_at(tree, ""), settled)
    project = Project(tree, Start(""), settled, installed, worlds(installed, installed.present)[-1], Modules(tree))
    seen = view(project, starts_at(tree, [""], settled))
    assert show_as_json(seen).isascii()
    assert show_as_text(seen, Look(False, "ascii")).isascii()


def team_catalog(data: bytes) -> None:
    for each in team_file.parsed("plugins.json", data):
        known = catalog.Distribution(each)
        for release in known.releases:
            known.at(release).facts("options")
        assert show.as_text(known).endswith("\n")
        assert show.as_json(known).endswith("\n")


def memory(data: bytes) -> None:
    """The files of the memory hold anything."""
    tree = Tree("/nowhere", Listing(b"", staged=False))
    with mock.patch.object(files, "read", lambda path, largest: data[:largest]):
        assert not LastClean(tree, ["a"], "program").holds()
        assert Sketches(tree, "program").rows(["a.py"]) == {}


def texts(data: bytes) -> None:
    """Everything that is read from single values: words, expressions, filters, requirements, numbers."""
    text = data.decode("utf-8", "surrogateescape")
    try:
        list(words.spans(text))
    except words.UnclosedError as error:
        assert 0 <= error.offset < len(text)  # noqa: PT017
    expression.parse(text)
    for literal in (True, False):
        for line in text.split("\n")[:50]:
            found = warning_filters.parse(line, literal=literal)
            if not isinstance(found, str):
                warning_filters.outcome(
                    [found], "PytestUnknownMarkWarning", "Unknown pytest.mark.slow - is this a typo?"
                )
    if written := parse_requirement(text):
        holds(written.marker, "")
        holds(written.marker, text)
    holds(text, ">=3.10")
    for convert in CONVERTERS.values():
        try:
            convert(text)
        except ValueError:
            continue
    place = Place("pytest.ini", 1, 1)
    known_options().parse([words.Word(word, place, number) for number, word in enumerate(text.split("\n"))])


def edits(path: str, *sections: str) -> Callable[[bytes], None]:
    """Every kind of edit of a configuration file; each is made and proved, or refused."""

    def read(data: bytes) -> None:
        for section in sections:
            planned: list[KeyEdit] = [
                RemoveWords(path, section, "addopts", (0,)),
                RemoveWords(path, section, "addopts", (1, 2)),
                AddWords(path, section, "addopts", ("-m", "not 'slow'")),
                SetKey(path, section, "addopts", "-v"),
                SetKey(path, section, "strict", True),
                RemoveKey(path, section, "addopts"),
                RemoveKey(path, section, "markers"),
                AddLine(path, section, "markers", "n\\ew: 'x' \"y\""),
            ]
            for edit in planned:
                _attempt(edit, data)
            for other in (
                RenameSection(path, section, f"{section}x"),
                RenameKey(path, section, "addopts", "options"),
                SetList(path, section, "markers", ("a", "b: c")),
                LiftComments(path, section, "addopts"),
            ):
                try:
                    respelling.respell(other, data)
                except RefusedError:
                    continue

    return read


def _attempt(edit: KeyEdit, data: bytes) -> None:
    try:
        document = parse_for_editing(edit.path, data)
        changes = ini.plan(document, edit) if isinstance(document, Ini) else toml.plan(document, edit)
        if changes:
            text = data.decode("utf-8")
            mark = "\ufeff" if isinstance(document, Ini) and text.startswith("\ufeff") else ""
            prove(edit.path, data, (mark + splice(text.removeprefix(mark), changes)).encode(), edit)
    except RefusedError:
        return


def added_requirement(data: bytes) -> None:
    for edit in (
        AddRequirement("requirements.txt", (), "pytest-cov", "pytest-cov>=4.1"),
        AddRequirement("pyproject.toml", ("project", "dependencies"), "pytest-cov", "pytest-cov>=4.1"),
        AddRequirement("pyproject.toml", ("dependency-groups", "test"), "pytest-cov", "pytest-cov>=4.1"),
    ):
        try:
            requirements.add(edit, data)
        except RefusedError:
            continue


def whole_command(data: bytes) -> None:
    """A whole run on a tree of files, with every house rule and every way to report."""
    tree = Files(unpacked(data))
    rules = RuleBook()
    found = judge(tree, Scope([""], load(Known(rules, MODULES, tree)), tuple(MODULES), tuple(MODULES), rules))
    for format in FORMATS:
        written = report(found.findings, format, tree=tree, rules=rules, look=Look(False, "ascii"))
        assert format != "text" or written.isascii()
    assert in_order(found.findings) is not None
    for finding in found.findings:
        for edit in finding.fix.edits if finding.fix else ():
            _made(edit, tree)


def _made(edit: Edit, tree: Tree) -> None:
    try:
        if isinstance(edit, AddRequirement):
            requirements.add(edit, tree.read(edit.path))
        elif isinstance(edit, (RenameSection, RenameKey, SetList, LiftComments)):
            respelling.respell(edit, tree.read(edit.path))
        else:
            _attempt(edit, tree.read(edit.path))
    except RefusedError:
        return


def warm_up() -> None:
    """Import what is imported late, so that no input pays for it."""
    for name in MODULES:
        concern(name)
    known_options()


TOML = ("pyproject.toml", "pytest.toml")
INI = ("pytest.ini", "tox.ini", "setup.cfg")
UNPARSABLE = (UnparsableError,)

ENTRIES: dict[str, Entry] = {
    "pytest.ini": Entry(configuration("pytest.ini"), INI, UNPARSABLE),
    ".pytest.ini": Entry(configuration(".pytest.ini"), INI, UNPARSABLE),
    "tox.ini": Entry(configuration("tox.ini"), INI, UNPARSABLE),
    "setup.cfg": Entry(configuration("setup.cfg"), INI, UNPARSABLE),
    "pyproject.toml": Entry(configuration("pyproject.toml"), TOML, UNPARSABLE),
    "pytest.toml": Entry(configuration("pytest.toml"), TOML, UNPARSABLE),
    "requirements.txt": Entry(declarations("requirements.txt"), ("requirements.txt", "requirements-test.txt")),
    "environment.yml": Entry(declarations("environment.yml"), ("environment.yml",)),
    "dependencies in pyproject.toml": Entry(declarations("pyproject.toml"), ("pyproject.toml",)),
    "dependencies in setup.cfg": Entry(declarations("setup.cfg"), ("setup.cfg",)),
    "dependencies in setup.py": Entry(declarations("setup.py"), ("setup.py",)),
    "dependencies in noxfile.py": Entry(declarations("noxfile.py"), ("noxfile.py",)),
    "dependencies in tox.ini": Entry(declarations("tox.ini"), ("tox.ini",)),
    "dependencies in tox.toml": Entry(declarations("tox.toml"), ("tox.toml",)),
    "dependencies in hatch.toml": Entry(declarations("hatch.toml"), ("hatch.toml", "pyproject.toml")),
    "Pipfile": Entry(declarations("Pipfile"), ("Pipfile",)),
    "Pipfile.lock": Entry(lock("Pipfile.lock"), ("Pipfile.lock",)),
    "uv.lock": Entry(lock("uv.lock"), ("uv.lock",)),
    "poetry.lock": Entry(lock("poetry.lock"), ("poetry.lock",)),
    "pdm.lock": Entry(lock("pdm.lock"), ("pdm.lock",)),
    "pylock.toml": Entry(lock("pylock.toml"), ("pylock.toml",)),
    "Python": Entry(python, (".py",)),
    "Python source": Entry(python_source, (".py",), (source.BrokenError, source.UnreadError)),
    "settings in precollect.toml": Entry(settings("precollect.toml"), ("precollect.toml",), (CannotWorkError,)),
    "settings in pyproject.toml": Entry(settings("pyproject.toml"), ("precollect.toml", *TOML), (CannotWorkError,)),
    "settings of options": Entry(settings_of_options, ("words.txt",)),
    "comments in Python": Entry(suppressions("a.py"), (".py",)),
    "comments in TOML": Entry(suppressions("a.toml"), (".toml",)),
    "comments in INI": Entry(suppressions("pytest.ini"), INI),
    "workflows": Entry(launched(".github/workflows/a.yml"), (".yml", ".yaml")),
    "variables of tox": Entry(launched("tox.ini"), ("tox.ini",)),
    "calls in workflows": Entry(launching(".github/workflows/a.yml"), (".yml", ".yaml")),
    "calls in .gitlab-ci.yml": Entry(launching(".gitlab-ci.yml"), (".yml", ".yaml")),
    "calls in a Makefile": Entry(launching("Makefile"), ("Makefile",)),
    "calls in a justfile": Entry(launching("justfile"), ("justfile", "Makefile")),
    "calls in tox.ini": Entry(launching("tox.ini"), ("tox.ini",)),
    "calls in noxfile.py": Entry(launching("noxfile.py"), ("noxfile.py",)),
    "calls in pyproject.toml": Entry(launching("pyproject.toml"), ("scripts/pyproject.toml", "pyproject.toml")),
    "pipelines": Entry(pipeline, (".yml", ".yaml", "Makefile")),
    "a baseline": Entry(baselines, ("precollect-baseline.json",)),
    "hook configuration": Entry(hook_configuration, (".pre-commit-config.yaml",)),
    "a team's catalog": Entry(team_catalog, ("catalog.json",), (CannotWorkError,)),
    "the memory": Entry(memory, ("memory",)),
    "single values": Entry(texts, ("words.txt",)),
    "edits of INI": Entry(edits("pytest.ini", "pytest"), INI),
    "edits of TOML": Entry(edits("pyproject.toml", "tool.pytest.ini_options", "tool.pytest"), ("pyproject.toml",)),
    "edits of requirements": Entry(added_requirement, ("requirements.txt", "pyproject.toml")),
    "the whole command": Entry(whole_command, (), (CannotWorkError,)),
    "what show says": Entry(shown, (), (CannotWorkError,)),
}
