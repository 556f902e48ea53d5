"""What a conftest or plugin registers: markers, options, ini keys; and where files do not tell."""

from __future__ import annotations

import pytest

from precollect.reading.python.module import read

REGISTERED: dict[str, tuple[str, list[str]]] = {
    "a function of Python that is given the configuration": (
        """
        import logging
        def pytest_configure(config):
            logging.info("%s", config)
            config.addinivalue_line("markers", "slow")
        """,
        ["slow"],
    ),
    "one literal line": (
        """
        def pytest_configure(config):
            config.addinivalue_line("markers", "slow: takes long")
        """,
        ["slow: takes long"],
    ),
    "arguments by keyword": (
        """
        def pytest_configure(config):
            config.addinivalue_line(name="markers", line="slow: takes long")
        """,
        ["slow: takes long"],
    ),
    "texts put together": (
        """
        PREFIX = "needs_"
        def pytest_configure(config):
            config.addinivalue_line("markers", PREFIX + "disk" ": " + "writes")
            config.addinivalue_line("markers", "%s: %s" % ("net", "talks"))
            config.addinivalue_line("markers", "{}: {text}".format("gpu", text="draws"))
            config.addinivalue_line("markers", ": ".join(["cpu", "counts"]))
        """,
        ["needs_disk: writes", "net: talks", "gpu: draws", "cpu: counts"],
    ),
    "a loop over a dictionary": (
        """
        MARKS = {"unit": "no I/O", "db": "needs a database"}
        def pytest_configure(config):
            for name, text in MARKS.items():
                config.addinivalue_line("markers", f"{name}: {text}")
        """,
        ["unit: no I/O", "db: needs a database"],
    ),
    "a loop over pairs": (
        """
        def pytest_configure(config):
            for key, value in [("markers", "a: x"), ("markers", "b: y"), ("filterwarnings", "error")]:
                config.addinivalue_line(key, value)
        """,
        ["a: x", "b: y"],
    ),
    "a loop with enumerate and zip": (
        """
        def pytest_configure(config):
            for index, (name, text) in enumerate(zip(("a", "b"), ["x", "y"])):
                config.addinivalue_line("markers", f"{name}{index}: {text!r:>4}")
        """,
        ["a0:  'x'", "b1:  'y'"],
    ),
    "a comprehension": (
        """
        LINES = [f"{name}: ours" for name in sorted({"b", "a"}) if name != "c"]
        def pytest_configure(config):
            for line in LINES:
                config.addinivalue_line("markers", line)
        """,
        ["a: ours", "b: ours"],
    ),
    "a list that grows": (
        """
        LINES = ["a: x"]
        LINES.append("b: y")
        LINES += ["c: z"]
        LINES.extend(("d", "e"))
        def pytest_configure(config):
            for line in LINES:
                config.addinivalue_line("markers", line)
        """,
        ["a: x", "b: y", "c: z", "d", "e"],
    ),
    "a helper that is given the config": (
        """
        def pytest_configure(config):
            _register(config)
            register_marker(config, "fast", description="quick")
        def _register(cfg):
            cfg.addinivalue_line("markers", "slow: long")
        def register_marker(config, name, description="none"):
            config.addinivalue_line("markers", f"{name}: {description}")
        """,
        ["slow: long", "fast: quick"],
    ),
    "a bound method kept in a variable": (
        """
        def pytest_configure(config):
            add = config.addinivalue_line
            add("markers", "slow: long")
        """,
        ["slow: long"],
    ),
    "both branches of a condition": (
        """
        import sys
        def pytest_configure(config):
            if sys.platform == "win32":
                config.addinivalue_line("markers", "windows: here")
            else:
                config.addinivalue_line("markers", "posix: here")
        """,
        ["windows: here", "posix: here"],
    ),
    "after an early return that may be taken": (
        """
        def pytest_configure(config):
            if hasattr(config, "workerinput"):
                return
            config.addinivalue_line("markers", "slow: long")
        """,
        ["slow: long"],
    ),
    "in a try": (
        """
        def pytest_configure(config):
            try:
                import numpy
                config.addinivalue_line("markers", "arrays: many")
            except ImportError:
                config.addinivalue_line("markers", "lists: few")
        """,
        ["arrays: many", "lists: few"],
    ),
    "a constant of a class": (
        """
        class Marks:
            SLOW = "slow: long"
            ALL = [SLOW, "fast: short"]
        def pytest_configure(config):
            for line in Marks.ALL:
                config.addinivalue_line("markers", line)
        """,
        ["slow: long", "fast: short"],
    ),
    "a plugin class of the conftest": (
        """
        class Plugin:
            def pytest_configure(self, config):
                config.addinivalue_line("markers", "slow: long")
        def pytest_configure(config):
            config.pluginmanager.register(Plugin())
        """,
        ["slow: long"],
    ),
    "at the start of the session": (
        """
        def pytest_sessionstart(session):
            session.config.addinivalue_line("markers", "slow: long")
        """,
        ["slow: long"],
    ),
    "a hook under another name": (
        """
        import pytest
        @pytest.hookimpl(specname="pytest_configure")
        def set_up(config):
            config.addinivalue_line("markers", "slow: long")
        """,
        ["slow: long"],
    ),
    "appended to the ini value": (
        """
        def pytest_configure(config):
            config.getini("markers").append("slow: long")
            markers = config.getini("markers")
            markers += ["fast: short"]
        """,
        ["slow: long", "fast: short"],
    ),
    "removed perhaps": (
        """
        import sys
        NAMES = ["a", "b"]
        if sys.platform == "win32":
            NAMES.remove("a")
        def pytest_configure(config):
            for name in NAMES:
                config.addinivalue_line("markers", name)
        """,
        ["a", "b"],
    ),
    "other lines than markers": (
        """
        def pytest_configure(config):
            config.addinivalue_line("filterwarnings", f"error::{config.rootpath}")
        """,
        [],
    ),
    "a function that is no hook": (
        """
        def configure(config):
            config.addinivalue_line("markers", "slow: long")
        """,
        [],
    ),
}

OPEN: dict[str, str] = {
    "a pattern that is filled with what only running tells": """
        import somewhere
        def pytest_configure(config):
            config.addinivalue_line("markers", "%s: %s" % ("slow", somewhere.TEXT))
        """,
    "a variable": """
        import os
        def pytest_configure(config):
            config.addinivalue_line("markers", os.environ["MARK"])
        """,
    "a loop over something computed": """
        import pathlib
        def pytest_configure(config):
            for path in pathlib.Path(".").iterdir():
                config.addinivalue_line("markers", path.name)
        """,
    "an enum": """
        import enum
        class Mark(enum.Enum):
            SLOW = "slow"
        def pytest_configure(config):
            for mark in Mark:
                config.addinivalue_line("markers", mark.value)
        """,
    "a name from elsewhere": """
        from somewhere import MARKS
        def pytest_configure(config):
            for mark in MARKS:
                config.addinivalue_line("markers", mark)
        """,
    "a function from elsewhere is given the config": """
        from somewhere import register
        def pytest_configure(config):
            register(config)
        """,
    "a hook from elsewhere": "from somewhere import pytest_configure",
    "everything from elsewhere": "from somewhere import *",
    "a plugin object from elsewhere": """
        from somewhere import Plugin
        def pytest_configure(config):
            config.pluginmanager.register(Plugin())
        """,
    "an unknown element of a list": """
        import os
        NAMES = ["a", os.name]
        def pytest_configure(config):
            for name in NAMES:
                config.addinivalue_line("markers", name)
        """,
    "a list that another module may fill": """
        NAMES = ["a"]
        def add(name):
            NAMES.append(name)
        def pytest_configure(config):
            for name in NAMES:
                config.addinivalue_line("markers", name)
        """,
    "a list that a function from elsewhere fills": """
        from somewhere import fill
        NAMES = ["a"]
        fill(NAMES)
        def pytest_configure(config):
            for name in NAMES:
                config.addinivalue_line("markers", name)
        """,
    "a counter of a while loop": """
        def pytest_configure(config):
            n = 0
            while n < 3:
                config.addinivalue_line("markers", f"level{n}")
                n += 1
        """,
    "one of two lists": """
        import sys
        if sys.platform == "win32":
            NAMES = ["a"]
        else:
            NAMES = ["b"]
        def pytest_configure(config):
            for name in NAMES:
                config.addinivalue_line("markers", name)
        """,
    "a key that is not known": """
        import os
        def pytest_configure(config):
            config.addinivalue_line(os.environ["KEY"], "slow: long")
        """,
    "map": """
        def pytest_configure(config):
            list(map(config.addinivalue_line, ["markers"], ["slow: long"]))
        """,
    "too much to follow": """
        def pytest_configure(config):
            for a in range(2000):
                for b in range(2000):
                    config.addinivalue_line("markers", f"m{a * b}")
        """,
}


def _dedent(text: str) -> bytes:
    from textwrap import dedent

    return dedent(text).encode()


@pytest.mark.parametrize("title", REGISTERED)
def test_registered_lines_are_known(title: str) -> None:
    text, expected = REGISTERED[title]
    module = read(_dedent(text), "conftest.py")
    assert [registration.text for registration in module.registers] == expected
    assert module.registers_open == ""


@pytest.mark.parametrize("title", OPEN)
def test_what_files_do_not_tell_is_open_with_a_reason(title: str) -> None:
    reason = read(_dedent(OPEN[title]), "tests/conftest.py").registers_open
    assert reason.startswith("tests/conftest.py:")


def test_a_registration_has_its_place_hook_and_certainty() -> None:
    module = read(
        b'def pytest_configure(config):\n    config.addinivalue_line("markers", "a")\n'
        b'    if config.x:\n        config.addinivalue_line("markers", "b")\n',
        "conftest.py",
    )
    first, second = module.registers
    assert first == ("a", 2, 5, "pytest_configure", True)
    assert second == ("b", 4, 9, "pytest_configure", False)


FILES = {
    "tests/labels.py": b"MARKS = {'a': 'x'}\nclass Marks:\n    ALL = ['b']\n",
    "tests/setup.py": b"from .labels import MARKS as OURS\ndef register(config):\n    for name in OURS:\n"
    b"        config.addinivalue_line('markers', name)\n",
    "tests/hooks.py": b"from tests.setup import register\ndef pytest_configure(config):\n    register(config)\n",
    "tests/loop.py": b"from tests.loop import NAMES\n",
}


def _find(module: str, path: str) -> tuple[str, bytes] | None:
    folder = path.rpartition("/")[0]
    name = f"{folder}/{module[1:]}.py" if module.startswith(".") else module.replace(".", "/") + ".py"
    return (name, FILES[name]) if name in FILES else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("from tests.labels import MARKS\nfor n in MARKS:", ["a"], id="a constant imported by name"),
        pytest.param("from .labels import Marks\nfor n in Marks.ALL:", ["b"], id="a constant of an imported class"),
        pytest.param("from tests import labels\nfor n in labels.MARKS.keys():", ["a"], id="a constant of a module"),
        pytest.param("import tests.labels\nfor n in tests.labels.MARKS:", ["a"], id="a constant by its full name"),
    ],
)
def test_constants_of_other_modules_are_followed(text: str, expected: list[str]) -> None:
    imports, loop = text.split("\n")
    code = f"{imports}\ndef pytest_configure(config):\n    {loop}\n        config.addinivalue_line('markers', n)\n"
    module = read(code.encode(), "tests/conftest.py", _find)
    assert [registration.text for registration in module.registers] == expected
    assert module.registers_open == ""
    assert module.asked


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("from tests.hooks import pytest_configure", id="a hook imported by name"),
        pytest.param("from tests.hooks import *", id="a hook imported with a star"),
        pytest.param("from .setup import register\ndef pytest_configure(config): register(config)", id="a function"),
    ],
)
def test_functions_of_other_modules_are_followed(code: str) -> None:
    module = read(code.encode(), "tests/conftest.py", _find)
    assert [registration.text for registration in module.registers] == ["a"]
    assert module.registers[0].line <= code.count("\n") + 1
    assert module.registers_open == ""
    assert read(code.encode(), "tests/conftest.py").registers_open


def test_modules_that_import_each_other_end() -> None:
    code = (
        b"from tests.loop import NAMES\ndef pytest_configure(config):\n    config.addinivalue_line('markers', NAMES)\n"
    )
    assert read(code, "tests/conftest.py", _find).registers_open


def test_options_and_ini_keys() -> None:
    module = read(
        b"""
def pytest_addoption(parser):
    parser.addoption("--slow", "-S", action="store_true", default=False, help="x")
    group = parser.getgroup("ours")
    group.addoption("--level", type=int, choices=[1, 2], dest="depth", nargs="?")
    parser.addini("ours", "help", type="linelist", default=["a"])
    for name in ("a", "b"):
        parser.addini(f"ours_{name}", "help")
""",
        "conftest.py",
    )
    slow, level = module.options
    assert slow.names == ("--slow", "-S")
    assert (slow.line, slow.column, slow.certain) == (3, 5, True)
    kind, choices = level.keyword("type"), level.keyword("choices")
    assert kind is not None
    assert kind.value == "builtins.int"
    assert choices is not None
    assert choices.value == (1, 2)
    assert [(key.name, key.type) for key in module.ini_keys] == [
        ("ours", "linelist"),
        ("ours_a", None),
        ("ours_b", None),
    ]
    assert (module.options_open, module.ini_keys_open) == ("", "")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("parser.addoption(name())", id="a computed name"),
        pytest.param("parser.addoption(*NAMES)", id="unknown names"),
        pytest.param("somewhere.add(parser)", id="a function from elsewhere"),
    ],
)
def test_options_that_files_do_not_tell_are_open(body: str) -> None:
    module = read(f"import somewhere\ndef pytest_addoption(parser):\n    {body}\n".encode(), "conftest.py")
    assert module.options_open.startswith("conftest.py:3: ")


def test_option_values_and_environment() -> None:
    module = read(
        b"""
import os
os.environ["PYTEST_ADDOPTS"] = "-x"
os.environ.setdefault("PYTEST_PLUGINS", "a")
os.environ["HOME"] = "/"
def pytest_configure(config):
    config.option.reruns = 2
    setattr(config.option, "reruns_delay", 1)
    if not config.option.verbose:
        config.option.maxfail = compute()
""",
        "conftest.py",
    )
    assert [(setting.name, setting.value.value) for setting in module.environment] == [
        ("PYTEST_ADDOPTS", "-x"),
        ("PYTEST_PLUGINS", "a"),
    ]
    assert [(s.name, s.value.value, s.certain, s.line) for s in module.option_values] == [
        ("reruns", 2, True, 7),
        ("reruns_delay", 1, True, 8),
        ("maxfail", None, False, 10),
    ]


@pytest.mark.parametrize(
    ("code", "names", "is_open"),
    [
        pytest.param("x = 1", None, False, id="not assigned"),
        pytest.param("pytest_plugins = 'a'", ["a"], False, id="one name"),
        pytest.param("pytest_plugins = 'a,b'", ["a", "b"], False, id="two names in one text"),
        pytest.param("pytest_plugins = ['a', 'b.c']", ["a", "b.c"], False, id="a list"),
        pytest.param("pytest_plugins = ['a']\npytest_plugins += ['b']", ["a", "b"], False, id="a list that grows"),
        pytest.param("pytest_plugins = []", [], False, id="empty"),
        pytest.param("pytest_plugins = [f'tests.{n}' for n in ('a', 'b')]", ["tests.a", "tests.b"], False, id="made"),
        pytest.param("import glob\npytest_plugins = glob.glob('*')", [], True, id="computed"),
        pytest.param("import os\npytest_plugins = ['a', os.name]", ["a"], True, id="computed in part"),
    ],
)
def test_pytest_plugins(code: str, names: list[str] | None, is_open: bool) -> None:
    module = read(code.encode(), "conftest.py")
    found = None if module.plugins is None else [plugin.name for plugin in module.plugins]
    assert found == names
    assert bool(module.plugins_open) is is_open


@pytest.mark.parametrize(
    ("code", "names", "is_open"),
    [
        pytest.param("collect_ignore = ['a.py']", ("a.py",), False, id="a list"),
        pytest.param(
            "import sys\ncollect_ignore = []\nif sys.platform == 'win32':\n    collect_ignore.append('a.py')",
            ("a.py",),
            False,
            id="perhaps",
        ),
        pytest.param("import os\ncollect_ignore = [os.path.join('a', 'b.py')]", ("a/b.py",), False, id="joined"),
        pytest.param("import glob\ncollect_ignore = [*glob.glob('*')]", (), True, id="computed"),
    ],
)
def test_collect_ignore(code: str, names: tuple[str, ...], is_open: bool) -> None:
    module = read(code.encode(), "conftest.py")
    assert module.collect_ignore == names
    assert bool(module.collect_ignore_open) is is_open


def test_hooks() -> None:
    module = read(
        b"""
import pytest
import pytest_asyncio
@pytest.hookimpl(optionalhook=True)
def pytest_json_modifyreport(json_report): pass
def pytest_collect_file(file_path, parent, extra=None): pass
class Plugin:
    def pytest_configure(self): pass
""",
        "conftest.py",
    )
    assert [(hook.name, hook.arguments, hook.optional) for hook in module.hooks] == [
        ("pytest_json_modifyreport", ("json_report",), True),
        ("pytest_collect_file", ("file_path", "parent"), False),
    ]
