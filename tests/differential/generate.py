"""Random projects from a seed: mostly sound parts, now and then one that is not."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from differential.projects import (
    DAMAGES,
    FORMS,
    LAUNCHERS,
    LAYOUTS,
    Code,
    Damage,
    Declared,
    Entry,
    File,
    Folder,
    Ingredient,
    Launch,
    Layout,
    Marker,
    Project,
    Spelled,
    Words,
)
from differential.spelling import AROUND, SPELLINGS
from differential.vocabulary import DISABLERS, FLAKY, KEYS, OPTIONS, OWN_MARKS, PLUGIN_MARKS

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

T = TypeVar("T")
Piece = dict[str, str]

# Theme → pieces of test modules, conftest files and configurations. A piece is path → text. The path "test" is any test
# module and "conftest" any conftest.py; "addopts" is a word there, and a path without a dot is a key of the
# configuration. {n} is a number that the project uses once. A piece of a Python file stands below others, behind
# `import pytest`. What no file tells is left out: bodies that fail, modules made at run time.
PIECES: dict[str, list[Piece]] = {
    path.stem: tomllib.loads(path.read_text(encoding="utf-8"))["piece"]
    for path in sorted(Path(__file__).with_name("pieces").glob("*.toml"))
}
THEMES = sorted(PIECES.keys() - {"sound", "doubtful", "async", "others"})

TEST_FILES = (
    "tests/test_a.py",
    "tests/test_a.py",
    "tests/test_b.py",
    "tests/unit/test_c.py",
    "test_top.py",
    "src/test_s.py",
)
FOLDERS = (
    "tests",
    "tests/unit",
    "tests/unit/deep",
    "tests/api",
    "tests/json",
    "test",
    "src/app",
    "src/app/tests",
    "src/tests",
    "app",
    "app/tests",
    "my-app",
    "lib.d",
)
MODULES = ("test_core.py", "test_core.py", "test_util.py", "core_test.py", "test_a.py", "test_json.py", "tests.py")
HELPERS = ("helpers.py", "helpers.py", "util.py", "core.py", "json.py", "conftest.py", "test_core.py", "__init__.py")
WHERE: tuple[Entry | Words, ...] = (
    Words(("--import-mode=importlib",)),
    Words(("--import-mode=importlib",)),
    Words(("--import-mode=append",)),
    Words(("--doctest-modules",)),
    Words(("--rootdir=tests",)),
    Words(("--confcutdir=tests",)),
    Words(("--noconftest",)),
    Words(("--keep-duplicates",)),
    Words(("--collect-in-virtualenv",)),
    Words(("--ignore=src",)),
    Words(("--ignore-glob=*/unit/*",)),
    Words(("--deselect=tests/unit",)),
    Words(("tests/unit", "tests")),
    Words(("src", "tests")),
    Words(("tests/test_a.py",)),
    Words(("tests/test_a.py::test_one",)),
    Entry("pythonpath", ("src",)),
    Entry("pythonpath", (".", "src")),
    Entry("pythonpath", ("tests",)),
    Entry("testpaths", ("tests", "src")),
    Entry("testpaths", ("*/tests",)),
    Entry("testpaths", ("**/tests",)),
    Entry("testpaths", ("t*", "app")),
    Entry("testpaths", ("tests/unit", "tests")),
    Entry("testpaths", ("tests/test_a.py",)),
    Entry("testpaths", ("tests/*.py",)),
    Entry("testpaths", ("tests/**/test_*.py",)),
    Entry("norecursedirs", ("unit",)),
    Entry("norecursedirs", ("tests/unit", "src/*")),
    Entry("consider_namespace_packages", True),
    Entry("python_files", ("test_*.py", "*_test.py", "tests.py")),
)
TYPED_FORMS = {name for name, (_, _, typed) in FORMS.items() if typed}


def project(seed: int, stacks: Sequence[str], plugins_of: dict[str, list[str]]) -> Project:
    """The project of a seed; `plugins_of`: stack → the distributions that can be installed there."""
    return Generator(random.Random(seed), stacks, plugins_of).project


class Generator:
    """One project in the making."""

    def __init__(self, luck: random.Random, stacks: Sequence[str], plugins_of: dict[str, list[str]]) -> None:
        self.luck = luck
        self.stack = luck.choice(stacks)
        known = plugins_of[self.stack]
        self.plugins = (
            tuple(sorted(luck.sample(known, min(len(known), luck.choice((0, 0, 1, 2, 3, 4)))))) if known else ()
        )
        self.typed_is_read = int(self.stack.split(".")[0]) >= 9
        forms = [form for form in FORMS if self.typed_is_read or form not in TYPED_FORMS or self.chance(0.1)]
        self.form = luck.choice(forms)
        self.faults = luck.choice((0.0, 0.05, 0.15, 0.3))
        self.number = 0
        self.project = Project(self.stack, self.plugins, self.form, tuple(self._ingredients()), self.chance(0.2))

    def chance(self, share: float) -> bool:
        return self.luck.random() < share

    def faulty(self) -> bool:
        """Whether the next part has a fault."""
        return self.chance(self.faults)

    def one(self, choices: Sequence[T]) -> T:
        return self.luck.choice(choices)

    def has(self, distribution: str) -> bool:
        return not distribution or distribution in self.plugins

    def name(self, start: str = "test") -> str:
        """A name that the project has not used, mostly."""
        self.number += not self.chance(0.01)
        return f"{start}_{self.number}"

    def a_file(self) -> str:
        return self.one(TEST_FILES)

    def a_conftest(self) -> str:
        return self.one(("conftest.py", "tests/conftest.py", "tests/unit/conftest.py"))

    def _ingredients(self) -> Iterator[Ingredient]:
        yield Code("tests/test_a.py", "def test_one():\n    assert True\n")
        yield from self.strictness()
        for part, share in (
            (self.mark, 0.9),
            (self.mark, 0.5),
            (self.plugin_mark, 0.4),
            (self.option, 0.7),
            (self.option, 0.4),
            (self.key, 0.7),
            (self.key, 0.4),
            (self.key, 0.2),
            (self.disabler, 0.25),
            (self.sound, 0.8),
            (self.sound, 0.5),
            (self.doubtful, min(self.faults * 2, 0.35)),
            (self.themed, 0.6),
            (self.themed, 0.3),
            (self.layout, 0.3),
            (self.folder, 0.06),
            (self.asynchronous, 0.25 + 0.3 * self.has("pytest-asyncio")),
            (self.flaky, 0.05 + 0.3 * self.has("pytest-rerunfailures")),
            (self.other_configuration, 0.1),
            (self.damage, 0.15),
            (self.other_layout, 0.2),
            (self.spelling, 0.3),
            (self.launch, 0.15),
        ):
            if self.chance(share):
                for ingredient in part():
                    if isinstance(ingredient, Code) and self.chance(0.06):
                        ingredient = ingredient._replace(around=self.one(tuple(AROUND)))
                    yield ingredient
        if self.chance(0.4):
            yield Declared(self.one(("ranges", "group", "extra")))

    def strictness(self) -> Iterator[Ingredient]:
        ways: list[Ingredient] = [
            Words(("--strict-markers",)),
            Words(("--strict-markers",)),
            Words(("--strict",)),
            Words(("--strict-config",)),
            Entry("strict_markers", True),
            Entry("strict", True),
            Entry("strict_config", True),
            Entry("strict_markers", False),
            Words(("-o", "strict_markers=true")),
        ]
        if self.faulty():
            ways = [Words(("--strict_markers",)), Entry("strict_markers", "enabled"), Entry("strict", "sometimes")]
        if self.chance(0.75):
            yield self.one(ways)
        if self.chance(0.1):
            yield self.one(ways)

    # marks: registered somewhere, used somewhere

    def mark(self) -> Iterator[Ingredient]:
        mark = self.one(OWN_MARKS)
        if not self.faulty():
            yield from self.registered(mark)
        if self.faulty():
            mark = self.one((mark + "s", mark.capitalize(), "parametrise", mark[:-1]))
        yield from self.used(mark)

    def plugin_mark(self) -> Iterator[Ingredient]:
        mark, distribution = self.one(sorted(PLUGIN_MARKS.items()))
        if not self.has(distribution) and not self.faulty():
            yield from self.registered(mark)
        if mark in ("asyncio", "anyio"):
            return
        # what a plugin makes of the arguments of its mark is its own business
        yield from self.used(mark, arguments="(5)" if mark == "timeout" else "")

    def registered(self, mark: str) -> Iterator[Ingredient]:
        line = self.one((f"{mark}: some text", mark, f"{mark}(level): with arguments", f"{mark} : spaced"))
        if self.faulty():
            line = self.one((f"{mark} - some text", f"other, {mark}", mark.upper(), f"# {mark}: some text"))
        configure = f'def pytest_configure(config):\n    config.addinivalue_line("markers", "{line}")\n'
        match self.luck.randrange(10):
            case 0:
                yield Code("conftest.py", configure)
            case 1:
                yield Code("tests/conftest.py", configure)
            case 2:
                yield Code("tests/unit/conftest.py", configure)
            case 3:
                yield Code("conftest.py", 'pytest_plugins = ["own_marks"]\n')
                yield Code("own_marks.py", configure)
            case 4:
                yield Words(("-p", "own_marks"))
                yield Code("own_marks.py", configure)
            case 5:
                listed = f'for line in ("{line}", "z: last"):\n        config.addinivalue_line("markers", line)\n'
                yield Code("conftest.py", f"def pytest_configure(config):\n    {listed}")
            case _:
                yield Marker(line)

    def used(self, mark: str, arguments: str = "") -> Iterator[Ingredient]:
        path, test = self.a_file(), self.name()
        plain = f"def {test}():\n    assert True\n"
        full = f"pytest.mark.{mark}{arguments}"
        match self.luck.randrange(17):
            case 0:
                code = f"pytestmark = {full}\n\n\n{plain}"
            case 1:
                code = f"pytestmark = [{full}]\n\n\n{plain}"
            case 2:
                code = f"@{full}\nclass Test{test}:\n    def test_in(self):\n        assert True\n"
            case 3:
                code = f"class Test{test}:\n    pytestmark = [{full}]\n\n    def test_in(self):\n        assert True\n"
            case 4:
                row = f'@pytest.mark.parametrize("x", [1, pytest.param(2, marks={full})])\n'
                code = f"{row}def {test}(x):\n    assert x\n"
            case 5:
                code = f"mark = pytest.mark\n\n\n@mark.{mark}{arguments}\n{plain}"
            case 6:
                code = f"from pytest import mark as m\n\n\n@m.{mark}{arguments}\n{plain}"
            case 7:
                code = f"alias_{self.number} = {full}\n\n\n@alias_{self.number}\n{plain}"
            case 8:
                code = f'@getattr(pytest.mark, "{mark}"){arguments or "()"}\n{plain}'
            case 9:
                code = f'def {test}(request):\n    request.node.add_marker("{mark}")\n'
            case 10:
                code = f"if False:\n    unused = {full}\n\n\n{plain}"
            case 11:
                code = f"def never_called():\n    return {full}\n\n\n{plain}"
            case 12:
                hook = "def pytest_collection_modifyitems(items):\n    for item in items:\n"
                yield Code(self.one(("conftest.py", "tests/conftest.py")), f"{hook}        item.add_marker({full})\n")
                return
            case 13:
                path = self.one(("conftest.py", "tests/conftest.py", "tests/unit/conftest.py"))
                code = f"kept_{self.number} = {full}\n"
            case 14:
                yield File("tests/marks_kept.py", f"import pytest\n\nkept = {full}\n")
                yield Code("tests/test_b.py", f"from marks_kept import kept\n\n\n@kept\n{plain}")
                return
            case _:
                code = f"@{full}\n{plain}"
        yield Code(path, code)

    # options, keys, disablers

    def option(self) -> Iterator[Ingredient]:
        options = [option for option in OPTIONS if self.has(option.distribution)] if not self.faulty() else OPTIONS
        # a plugin's options are what its installation is for
        own = [option for option in options if option.distribution]
        option = self.one(own if own and self.chance(0.5) else options)
        yield Words(self.one(option.bad if option.bad and self.faulty() else option.good))

    def key(self) -> Iterator[Ingredient]:
        keys = [key for key in KEYS if self.has(key.distribution)] if not self.faulty() else KEYS
        own = [key for key in keys if key.distribution]
        key = self.one(own if own and self.chance(0.4) else keys)
        yield Entry(key.name, self.one(key.bad if key.bad and self.faulty() else key.good))

    def disabler(self) -> Iterator[Ingredient]:
        names = [name for name, distribution in DISABLERS.items() if distribution in self.plugins]
        name = self.one(names if names and self.chance(0.6) else sorted(DISABLERS))
        yield Words(self.one((("-p", f"no:{name}"), ("-p", f"no:{name}"), (f"-pno:{name}",))))

    # test modules, conftest files and whatever else lies around

    def sound(self) -> Iterator[Ingredient]:
        yield from self.pieces(self.one(PIECES["sound"]))

    def doubtful(self) -> Iterator[Ingredient]:
        yield from self.pieces(self.one(PIECES["doubtful"]))

    def themed(self) -> Iterator[Ingredient]:
        yield from self.pieces(self.one(PIECES[self.one(THEMES)]))

    def asynchronous(self) -> Iterator[Ingredient]:
        yield from self.pieces(self.one(PIECES["async"]))

    def pieces(self, piece: Piece) -> Iterator[Ingredient]:
        self.number += 1
        for where, text in piece.items():
            place, text = (part.replace("{n}", str(self.number)) for part in (where, text))
            match where:
                case "addopts":
                    yield Words((text,))
                case "test":
                    yield Code(self.a_file(), text)
                case "conftest":
                    yield Code(self.a_conftest(), text)
                case _ if place.endswith(".py") and text:
                    yield Code(place, text)
                case _ if "." in place:
                    yield File(place, text)
                case _:
                    yield Entry(place, text)

    def flaky(self) -> Iterator[Ingredient]:
        yield Code(self.a_file(), f"@pytest.mark.flaky{self.one(FLAKY)}\ndef {self.name()}():\n    assert True\n")

    def other_configuration(self) -> Iterator[Ingredient]:
        ((path, text),) = self.one(PIECES["others"]).items()
        # A tox.ini or setup.cfg that no tool can read leaves the environment in the dark where pytest does not read it.
        unreadable = "unexpected" in text or text.count("max-line-length") > 1
        if path != FORMS[self.form][0] and (self.typed_is_read or not unreadable):
            yield File(path, text)

    # where things lie

    def layout(self) -> Iterator[Ingredient]:
        """A few folders, packages or not, with modules of few names that import each other in all spellings."""
        folders = self.luck.sample(FOLDERS, self.luck.randint(1, 4))
        for folder in folders:
            parts = folder.split("/")
            for depth in range(1, len(parts) + 1):
                if self.chance(0.4):
                    yield File("/".join((*parts[:depth], "__init__.py")), self.one(("", "", "VALUE = 0\n")))
        helpers = [f"{folder}/{self.one(HELPERS)}" for folder in folders if self.chance(0.7)]
        for path in helpers:
            yield Code(path, "VALUE = 1\n")
        if self.chance(0.3) and helpers:
            yield Code(self.one(helpers), self.an_import(self.one(helpers)))
        for folder in folders:
            for _ in range(self.luck.choice((1, 1, 2))):
                path = f"{folder}/{self.one(MODULES)}"
                if helpers and self.chance(0.6):
                    yield Code(path, self.an_import(self.one(helpers)))
                yield Code(path, f"def {self.name()}():\n    assert True\n")
            if self.chance(0.3):
                yield Code(f"{folder}/conftest.py", f"@pytest.fixture\ndef {self.name('thing')}():\n    return 1\n")
                if helpers and self.chance(0.3):
                    yield Code(f"{folder}/conftest.py", self.an_import(self.one(helpers)))
        if self.chance(0.4):
            yield self.one(WHERE)

    def an_import(self, target: str) -> str:
        """A statement that imports a helper, mostly by a name that some folder on the path gives it."""
        parts = target.removesuffix(".py").removesuffix("/__init__").split("/")
        start = self.luck.randrange(len(parts)) if self.chance(0.7) else len(parts) - 1
        package, name = ".".join(parts[start:-1]), parts[-1]
        dotted = f"{package}.{name}" if package else name
        dots = "." * self.luck.choice((1, 1, 2, 3))
        return self.one(
            (
                f"from {dotted} import VALUE\n",
                f"from {dotted} import VALUE\n",
                f"import {dotted}\n",
                f"import {dotted} as other\n",
                f"from {package or '.'} import {name}\n",
                f"from {dots}{name} import VALUE\n",
                f"from {dots} import {name}\n",
                f"from {dotted} import *\n",
                f"from {dotted} import VALUE, nobody\n"
                if self.faulty()
                else f"from {dotted} import (\n    VALUE,\n)\n",
                f'{name} = pytest.importorskip("{dotted}")\n',
                f"try:\n    from {dotted} import VALUE\nexcept ImportError:\n    VALUE = 2\n",
                f"import importlib\n\n{name} = importlib.import_module('{dotted}')\n",
            )
        )

    def folder(self) -> Iterator[Ingredient]:
        folder = self.one(("tests", "tests", "tests/unit", "src", "app"))
        yield Folder(folder)
        yield Code(f"{folder}/test_a.py", f"def {self.name()}():\n    assert True\n")

    def launch(self) -> Iterator[Ingredient]:
        words: list[str] = []
        for _ in range(self.luck.choice((1, 1, 2, 3))):
            parts: list[Ingredient] = []
            match self.luck.randrange(6):
                case 0:
                    parts = list(self.disabler())
                case 1:
                    parts = [
                        Words(self.one((("tests",), ("tests/test_a.py",), ("src",), ("tests/test_a.py::test_one",))))
                    ]
                case 2:
                    parts = [Words(self.one((("--strict-markers",), ("-o", "addopts="), ("--noconftest",))))]
                case 3 if self.faulty():
                    parts = [
                        Words(self.one((("tests/test_nobody.py",), ("tests/test_a.py::test_nobody",), ("nobody",))))
                    ]
                case _:
                    parts = list(self.option())
            words += [word for part in parts if isinstance(part, Words) for word in part.words]
        yield Launch(self.one([path for path in LAUNCHERS if path != FORMS[self.form][0]]), tuple(words))

    # other spellings, and accidents

    def spelling(self) -> Iterator[Ingredient]:
        for _ in range(self.luck.choice((1, 1, 2))):
            yield Spelled(self.one((*TEST_FILES, "conftest.py", "tests/conftest.py")), self.one(SPELLINGS))

    def other_layout(self) -> Iterator[Ingredient]:
        yield Layout(self.one(LAYOUTS))

    def damage(self) -> Iterator[Ingredient]:
        yield Damage(self.one(DAMAGES), self.luck.randrange(1000))
