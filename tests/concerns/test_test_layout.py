"""What collection visits: names of modules, folders and files, conftest files, test functions and classes."""

from __future__ import annotations

import pytest

from judged import LATEST, OLD, SEED, judged, must_find

TEST = "def test_net():\n    assert 119 / 1.19 == 100\n"
PYTEST = "import pytest\n\n\n"
FIXTURE = "@pytest.fixture\ndef cart():\n    return []\n"
MAKER = f"{PYTEST}def made():\n    return pytest.fixture(lambda: 1)\n\n\n"
ASKS = "def test_n(cart):\n    assert cart\n"


def project(body: str = "", pins: str = LATEST, **files: str) -> dict[str, str]:
    """A project with pytest.ini and pinned requirements; other files are named with "__" for "/", and without ".py"."""
    named = {f"{name.replace('__', '/').replace('INIT', '__init__')}.py": text for name, text in files.items()}
    return {"pytest.ini": f"[pytest]\n{body}\n", "requirements-test.txt": pins, **named}


def module(text: str, body: str = "", pins: str = LATEST) -> dict[str, str]:
    """A project with one test module, tests/test_a.py."""
    return project(body, pins, tests__test_a=text)


SILENT = {
    "a setup of a class whose base nobody knows": module(
        "from kit import Base\n\n\nclass TestA(Base):\n    def setup(self):\n        self.n = 1\n\n"
        "    def test_n(self):\n        assert self.n\n"
    ),
    "a setup of a class of unittest": module(
        "import unittest\n\n\nclass TestA(unittest.TestCase):\n    n = 1\n\n"
        "    def setup(self):\n        self.n = 2\n\n    def test_n(self):\n        assert self.n\n"
    ),
    "a setup of a class that pytest does not collect": module(
        "class Base:\n    def setup(self):\n        self.n = 1\n\n"
        f"    def test_n(self):\n        assert self.n\n\n\n{TEST}"
    ),
    "no tests at all": project(),
    "one fixture that captures the output, and one of the project's own": project(
        conftest=f"{PYTEST}@pytest.fixture\ndef capsys():\n    return 1\n",
        tests__test_a="def test_a(capfd, capsys):\n    pass\n",
    ),
    "two fixtures that capture the output of a test that is skipped": module(
        f"{PYTEST}@pytest.mark.skip\ndef test_a(capfd, capsys):\n    pass\n"
    ),
    **{
        f"testpaths without a test beside {name}, which collects files of its own": project(
            "testpaths = docs", f"{LATEST}{name}\n", docs__conf="X = 1\n", tests__test_a=TEST
        )
        for name in ("nbmake", "pytest-markdown-docs", "pytest-mypy-plugins", "pytest-pylint", "pytest-ruff", "nbval")
    },
    "testpaths without a test beside a plugin of that kind under a condition": project(
        "testpaths = docs", f"{LATEST}nbmake; os_name == 'nt'\n", docs__conf="X = 1\n", tests__test_a=TEST
    ),
    "python_functions that match nothing beside a plugin that takes other functions": project(
        "python_functions = check_*",
        f"{LATEST}pytest-describe\n",
        tests__test_a="def describe_cart():\n    def is_empty():\n        pass\n",
    ),
    "test modules of one name in packages of their own": project(
        a__INIT="", a__test_one=TEST, b__INIT="", b__test_one=TEST
    ),
    "test modules of one name, of which only one is a package's": project(
        a__INIT="", a__test_one=TEST, b__test_one=TEST
    ),
    "a helper beside a test in a package, and a plain folder that has it too": project(
        tests__INIT="", tests__kit="X = 1\n", tests__test_a=f"from kit import X\n\n\n{TEST}", kit="X = 1\n", test_b=TEST
    ),
    "a helper beside a test in a package, and a Makefile that sets the path": {
        **project(tests__INIT="", tests__kit="X = 1\n", tests__test_a=f"from kit import X\n\n\n{TEST}"),
        "Makefile": "test:\n\tPYTHONPATH=tests pytest\n",
    },
    "arguments of hooks that pytest need not give: with a default, by keyword only": project(
        conftest="def pytest_configure(config, extra=1, *, more=2):\n    pass\n\n\n"
        "def pytest_sessionstart(session, *, more=2):\n    pass\n",
        tests__test_a=TEST,
    ),
    "an argument of a hook that its decorator gives": project(
        conftest="def give(hook):\n    return lambda config: hook(config, 1)\n\n\n"
        "@give\ndef pytest_configure(config, extra):\n    pass\n",
        tests__test_a=TEST,
    ),
    "values for a fixture of a conftest.py": project(
        tests__conftest=f"{PYTEST}@pytest.fixture\ndef n(request):\n    return request.param\n",
        tests__test_a=f"{PYTEST}@pytest.mark.parametrize('n', [1], indirect=True)\ndef test_n(n):\n    assert n\n",
    ),
    "a fixture of pytester, which a conftest.py asks for": project(
        conftest="pytest_plugins = 'pytester'\n", tests__test_a="def test_n(testdir):\n    assert testdir\n"
    ),
    "a fixture that extends one which a conftest.py further out imports by a star": project(
        conftest="from kit.fixtures import *\n",
        kit__INIT="",
        kit__fixtures=f"{PYTEST}@pytest.fixture\ndef cart():\n    return []\n",
        tests__conftest=f"{PYTEST}@pytest.fixture\ndef cart(cart):\n    return [*cart, 1]\n",
        tests__test_a="def test_n(cart):\n    assert cart\n",
    ),
    "fixtures whose names are made of constants": project(
        conftest=f"{PYTEST}@pytest.fixture(name='ca' + 'rt')\ndef _cart():\n    return 1\n",
        tests__test_a="def test_n(cart):\n    assert cart\n",
    ),
    "fixtures bound by a loop": module(
        f"{MAKER}for cart in [made()]:\n    pass\n\n\ndef test_n(cart):\n    assert cart\n"
    ),
    "fixtures bound by a tuple over several lines": module(
        f"{MAKER}(\n    cart,\n    *rest,\n) = made(), made()\n\n\ndef test_n(cart):\n    assert cart\n"
    ),
    "fixtures bound by with": module(
        f"import contextlib\n{MAKER}with contextlib.nullcontext(made()) as cart:\n    pass\n\n\n"
        "def test_n(cart):\n    assert cart\n"
    ),
    "fixtures bound by match": module(
        f"{MAKER}match made():\n    case cart:\n        pass\n\n\ndef test_n(cart):\n    assert cart\n"
    ),
    "fixtures bound by what is left of a match": module(
        f"{MAKER}match {{'cart': made()}}:\n    case {{**cart}}:\n        pass\n\n\n{ASKS}"
    ),
    "fixtures bound by :=": module(f"{MAKER}if cart := made():\n    pass\n\n\ndef test_n(cart):\n    assert cart\n"),
    "fixtures that a metaclass makes": module(
        "from kit import Meta\n\n\nclass TestA(metaclass=Meta):\n    def test_n(self, cart):\n        assert cart\n"
    ),
    "fixtures of a module that a hook registers": project(
        conftest="import kit\n\n\ndef pytest_configure(config):\n    config.pluginmanager.register(kit)\n",
        kit=f"{PYTEST}{FIXTURE}",
        tests__test_a="def test_n(cart):\n    assert cart == []\n",
    ),
    "fixtures of a plugin that another test module names": project(
        kit=f"{PYTEST}{FIXTURE}",
        test_a=f"pytest_plugins = ['kit']\n\n\n{TEST}",
        test_b="def test_n(cart):\n    assert cart == []\n",
    ),
    "arguments that a patch of the class gives": module(
        "import os\nfrom unittest.mock import patch\n\n\n@patch.object(os, 'getcwd')\nclass TestA:\n"
        "    def test_n(self, getcwd):\n        assert getcwd\n"
    ),
    "a test that a hook skips": project(
        conftest=f"{PYTEST}def pytest_runtest_setup(item):\n    if item.name == 'test_n':\n        pytest.skip('no')\n",
        tests__test_a=f"{ASKS}",
    ),
    "a marked test that a hook may skip": project(
        "markers = slow",
        conftest=f"{PYTEST}def pytest_collection_modifyitems(items):\n    for item in items:\n"
        "        if 'slow' in item.keywords:\n            item.add_marker(pytest.mark.skip)\n",
        tests__test_a=f"{PYTEST}@pytest.mark.slow\n{ASKS}",
    ),
    "a test that a hook leaves out": project(
        conftest="def pytest_collection_modifyitems(items):\n"
        "    items[:] = [item for item in items if item.name != 'test_n']\n",
        tests__test_a=f"{ASKS}\n\n{TEST}",
    ),
    "a test that a hook does not make": project(
        conftest="def pytest_pycollect_makeitem(name):\n    return [] if name == 'test_n' else None\n",
        tests__test_a=f"{ASKS}\n\n{TEST}",
    ),
    "a test that a fixture skips": module(
        f"{PYTEST}@pytest.fixture(autouse=True)\ndef _skip():\n    pytest.skip('no')\n\n\n{ASKS}"
    ),
    "a test that a set-up skips": module(f"{PYTEST}def setup_module():\n    pytest.skip('no')\n\n\n{ASKS}"),
    "a function that says it is no test": module(f"{ASKS}\n\ntest_n.__test__ = False\n\n\n{TEST}"),
    "a function that is told to be no test": module(f"{ASKS}\n\nsetattr(test_n, '__test__', False)\n\n\n{TEST}"),
    "a function that is deleted": module(f"{ASKS}\n\ndel test_n\n\n\n{TEST}"),
    "a function that is replaced": module(
        f"import functools\n\n\n{ASKS}\n\ntest_n = functools.partial(test_n, 1)\n\n\n{TEST}"
    ),
    "a module that says it holds no tests": project(a__test_a=f"__test__ = False\n\n\n{ASKS}", b__test_b=TEST),
    "a property named like a test, of a parametrized class": module(
        f"{PYTEST}@pytest.mark.parametrize('n', [1])\nclass TestA:\n    @property\n    def test_net(self):\n"
        "        return 1\n\n    def test_n(self, n):\n        assert n\n"
    ),
    "an empty list of ids": module(
        f"{PYTEST}@pytest.mark.parametrize('n', [1, 2], ids=[])\ndef test_n(n):\n    assert n\n"
    ),
    "fixtures bound by setattr": module(
        f"import importlib\n{MAKER}setattr(importlib.import_module(__name__), 'c' + 'art', made())\n\n\n"
        "def test_n(cart):\n    assert cart\n"
    ),
    "a test of one name, of which the first is kept under another": module(
        "def test_a():\n    pass\n\n\ntest_first = test_a\n\n\ndef test_a():\n    pass\n"
    ),
    "a class that extends one of its name": module(
        "class TestA:\n    def test_a(self):\n        pass\n\n\n"
        "class TestA(TestA):\n    def test_b(self):\n        pass\n"
    ),
    "a constructor in a class whose base says it holds no tests": module(
        "class Kit:\n    __test__ = False\n\n\nclass TestKit(Kit):\n    def __init__(self, n):\n        self.n = n\n\n"
        f"    def test_n(self):\n        pass\n\n\n{TEST}"
    ),
    "a constructor in a class whose base decides of those below it": module(
        "class Kit:\n    def __init_subclass__(cls):\n        cls.__test__ = False\n\n\nclass TestKit(Kit):\n"
        f"    def __init__(self, n):\n        self.n = n\n\n    def test_n(self):\n        pass\n\n\n{TEST}"
    ),
    "a constructor in a class that a decorator takes out": module(
        "def no_test(found):\n    found.__test__ = False\n    return found\n\n\n@no_test\nclass TestKit:\n"
        f"    def __init__(self, n):\n        self.n = n\n\n    def test_n(self):\n        pass\n\n\n{TEST}"
    ),
    "a setup that goes by the name that pytest calls, too": module(
        "class TestA:\n    def setup(self):\n        self.n = 1\n\n    setup_method = setup\n\n"
        "    def test_n(self):\n        assert self.n\n"
    ),
    "a setup that a fixture of a conftest.py calls": project(
        conftest=f"{PYTEST}@pytest.fixture(autouse=True)\ndef _setup(request):\n"
        "    getattr(request.instance, 'setup', int)()\n",
        tests__test_a="class TestA:\n    def setup(self):\n        self.n = 1\n\n"
        "    def test_n(self):\n        assert self.n\n",
    ),
    "a narrow fixture of pytest's that an import replaces": project(
        kit=f"{PYTEST}@pytest.fixture(scope='session')\ndef monkeypatch():\n    return 1\n",
        conftest=f"from kit import monkeypatch\n{PYTEST}@pytest.fixture(scope='session')\n"
        "def net(monkeypatch):\n    return 1\n",
        tests__test_a="def test_n(net):\n    assert net\n",
    ),
    "a narrow fixture of pytest's that an assignment replaces": project(
        conftest=f"{PYTEST}monkeypatch = pytest.fixture(scope='session')(lambda: 1)\n\n\n"
        "@pytest.fixture(scope='session')\ndef net(monkeypatch):\n    return 1\n",
        tests__test_a="def test_n(net):\n    assert net\n",
    ),
    "a narrow fixture that a class replaces": module(
        f"{PYTEST}@pytest.fixture\ndef n():\n    return 1\n\n\n@pytest.fixture(scope='class')\ndef net(n):\n"
        "    return n\n\n\nclass TestA:\n    @pytest.fixture(scope='class')\n    def n(self):\n        return 2\n\n"
        "    def test_n(self, net):\n        assert net\n"
    ),
    "a fixture that extends an imported one": project(
        kit=f"{PYTEST}{FIXTURE}",
        conftest="from kit import *\n",
        tests__conftest=f"{PYTEST}@pytest.fixture\ndef cart(cart):\n    return [*cart, 1]\n",
        tests__test_a=ASKS,
    ),
    "rows of parametrize with marks": module(
        f"{PYTEST}@pytest.mark.parametrize('n', [pytest.param(1, marks=pytest.mark.skip)], scope='module')\n"
        "def test_n(n):\n    assert n\n"
    ),
    "test modules of one name under importlib": project(
        "addopts = --import-mode=importlib", a__test_one=TEST, b__test_one=TEST
    ),
    "test modules of one name, of which one is ignored": project(
        "addopts = --ignore=b", a__test_one=TEST, b__test_one=TEST
    ),
    "test modules of one name, and a conftest that changes sys.modules": project(
        conftest="import sys\n\nsys.modules.pop('test_one', None)\n", a__test_one=TEST, b__test_one=TEST
    ),
    "test modules of one name, the first of which may skip itself": project(
        a__test_one="import pytest\n\npytest.importorskip('numpy')\n\n\n" + TEST, b__test_one=TEST
    ),
    "conftest files in plain folders": project(
        conftest="", a__conftest="", a__test_a=TEST, b__conftest="", b__test_b=TEST
    ),
    "a plain folder named like a module of Python": project(tests__logging__test_one=TEST),
    "an import mode that pytest refuses": project("addopts = --import-mode=fast", a__test_one=TEST, b__test_one=TEST),
    "testpaths that are there": project("testpaths = tests ./tests tests/test_*.py", tests__test_a=TEST),
    "paths in addopts that are missing are the affair of another hook": project("addopts = test", tests__test_a=TEST),
    "paths in addopts that may be made before tests run": {
        **project("addopts = made", tests__test_a=TEST),
        ".gitignore": "made/\n",
    },
    "paths in addopts outside of the repository": project("addopts = ../shared/tests", tests__test_a=TEST),
    "nothing collected, but a plugin that nobody knows may": project(
        "testpaths = docs", f"{LATEST}pytest-nobody-knows==1\n", tests__test_a=TEST, docs__conf="X = 1\n"
    ),
    "nothing collected, but a conftest collects": project(
        "testpaths = docs",
        conftest="def pytest_collect_file(file_path, parent):\n    return None\n",
        tests__test_a=TEST,
        docs__conf="X = 1\n",
    ),
    "a skipped folder that no test file lies in": project(tests__test_a=TEST, build__make="X = 1\n"),
    "test files in a hidden folder": project(tests__test_a=TEST) | {".tools/test_b.py": TEST},
    "test files that python_files takes in another way": project(
        "python_files = test_*.py check_*.py", tests__test_a=TEST, tests__check_b=TEST
    ),
    "an option of a nested conftest where nothing says what is collected": project(
        app__checks__conftest="def pytest_addoption(parser):\n    parser.addoption('--slow')\n",
        app__checks__test_a=TEST,
    ),
    "a hook that is optional": project(
        conftest="import pytest\n\n\n@pytest.hookimpl(optionalhook=True)\ndef pytest_nobody(x):\n    return x\n",
        tests__test_a=TEST,
    ),
    "a hook of a plugin that nobody knows": project(
        "", f"{LATEST}pytest-nobody-knows==1\n", conftest="def pytest_nobody(x):\n    return x\n", tests__test_a=TEST
    ),
    "a fixture named like a hook": project(
        conftest=PYTEST + "@pytest.fixture\ndef pytest_kit():\n    return 1\n", tests__test_a=TEST
    ),
    "a base with a constructor from another module": module(
        "from shop.kit import Kit\n\n\nclass TestKit(Kit):\n    def test_a(self):\n        pass\n"
    ),
    "an exception class named like a test": module(
        "class TestError(Exception):\n    def __init__(self):\n        pass\n"
    ),
    "a fixture and a test of one name elsewhere": module(
        "class TestA:\n    def test_x(self):\n        pass\n\n\ndef test_x():\n    pass\n"
    ),
    "a test under a decorator that is not known, twice": module(
        "from kit import register\n\n\n@register\ndef test_x():\n    pass\n\n\n@register\ndef test_x():\n    pass\n"
    ),
    "an async generator": module("async def numbers():\n    yield 1\n\n\ndef test_a():\n    assert numbers\n"),
    "parametrize with values that only running tells": module(
        PYTEST + "ROWS = [(1, 2)]\n\n\n@pytest.mark.parametrize('a, b', ROWS)\ndef test_a(a, b):\n    pass\n"
    ),
    "parametrize with starred rows": module(
        PYTEST + "@pytest.mark.parametrize('a, b', [(1, 2), *[(3, 4)], (*'xy',)])\ndef test_a(a, b):\n    pass\n"
    ),
    "parametrize under a decorator that changes the function": module(
        PYTEST + "from kit import given\n\n\n@given(3)\n@pytest.mark.parametrize('a', [1])\ndef test_a(b):\n    pass\n"
    ),
    "parametrize of a name that an unknown plugin may ask for": module(
        PYTEST + "@pytest.mark.parametrize('backend', ['x'])\ndef test_a():\n    pass\n",
        pins="pytest\npytest-nobody-knows\n",
    ),
    "arguments that may be none": module(
        PYTEST + "@pytest.mark.parametrize('a', [1], *[])\ndef test_a(a):\n    pass\n"
    ),
    "ids by position before pytest 9.2": module(
        PYTEST + "@pytest.mark.parametrize('a', [1], False, ['one'])\ndef test_a(a):\n    pass\n", pins=SEED
    ),
    "fixtures where the environment is not known": module("def test_a(nobody):\n    pass\n", pins=""),
    "an argument of a misspelled parametrize, at which collection stops": module(
        PYTEST + "@pytest.mark.parametrise('cart', [1])\ndef test_a(cart):\n    pass\n"
    ),
    "a fixture of an absent plugin is the affair of another hook": module("def test_a(mocker):\n    pass\n"),
    "an argument that a patch brings": module(
        "from unittest import mock\n\n\n@mock.patch('os.getcwd')\ndef test_a(getcwd):\n    pass\n"
    ),
    "an argument that the module assigns, as in a table of fixtures": module(
        "from kit import fixture_of\n\ncart: object = fixture_of(3)\nshop = fixture_of(4)\n\n\n"
        "def test_a(cart, shop):\n    assert cart == shop\n"
    ),
    "an xfailed test without its fixture": module(PYTEST + "@pytest.mark.xfail\ndef test_a(nobody):\n    pass\n"),
    "a file that a newer Python may read": module("def test_a[T]():\n    type X = int\n    pass\n"),
    "a relative import in a package": project(
        tests__INIT="", tests__kit="X = 1\n", tests__test_a=f"from .kit import X\n\n\n{TEST}"
    ),
    "a generated module": project(tests__INIT="", tests__test_a=f"from tests.shop_pb2 import Shop\n\n\n{TEST}"),
    "a module that .gitignore names": project(tests__INIT="", tests__test_a=f"from tests.keys import KEY\n\n\n{TEST}")
    | {".gitignore": "tests/keys.py\n"},
    "a name in a comment behind an import": project(
        tests__INIT="", tests__kit="X = 1\n", tests__test_a=f"from tests.kit import (\n    X,  # noqa\n)\n\n\n{TEST}"
    ),
    "src without pythonpath in a project that is installed": project(
        src__shop__INIT="", tests__test_a=f"from shop import x\n\n\n{TEST}"
    )
    | {"pyproject.toml": '[project]\nname = "shop"\nversion = "1"\n'},
    "src without pythonpath, and a Makefile that sets PYTHONPATH": project(
        src__shop__INIT="", tests__test_a=f"import shop.x\n\n\n{TEST}"
    )
    | {"Makefile": "test:\n\tPYTHONPATH=src pytest\n"},
    "a file in testpaths that --doctest-glob takes": {
        **project("testpaths = tests README.md\naddopts = --doctest-glob=*.md", tests__test_a=TEST),
        "README.md": ">>> 1\n1\n",
    },
    "nothing but a file in testpaths that --doctest-glob takes": {
        **project("testpaths = docs\naddopts = --doctest-glob=*.md", docs__conf="X = 1\n", tests__test_a=TEST),
        "docs/index.md": ">>> 1\n1\n",
    },
    "a unittest class whose base has another name": project(
        "python_functions = never_*",
        kit="import unittest\n\nBase = unittest.TestCase\n",
        test_a="from kit import Base\n\n\nclass X(Base):\n    def test_a(self):\n        pass\n",
    ),
    **{
        f"a name that a helper binds through {by.partition('(')[0]}": project(
            tests__kit=f"for n in ('A', 'B'):\n    {by} = 1\n", tests__test_a=f"from kit import ThA\n\n\n{TEST}"
        )
        for by in ("vars()['Th' + n]", "locals()['Th' + n]")
    },
    "pytest_plugins of a late conftest.py that are deleted again": project(
        a__sub__conftest="pytest_plugins = ['kit']\ndel pytest_plugins\n", a__sub__test_a=TEST
    ),
    "pytest_plugins of a late conftest.py that are perhaps deleted again": project(
        a__sub__conftest="import sys\n\npytest_plugins = ['kit']\nif sys.argv:\n    del pytest_plugins\n",
        a__sub__test_a=TEST,
    ),
    "pytest_plugins that a late conftest.py makes under a condition": project(
        a__sub__conftest="import sys\n\nif not sys.argv:\n    pytest_plugins = sys.path[:1]\n", a__sub__test_a=TEST
    ),
    **{
        f"a function named like a hook, and then {then.strip()!r}": project(
            conftest=f"import sys\n\n\ndef pytest_helper():\n    pass\n\n\n{then}\n", tests__test_a=TEST
        )
        for then in (
            "del pytest_helper",
            "del pytest_helper, sys",
            "if sys.argv:\n    del pytest_helper",
            "pytest_helper = None",
            "pytest_helper.optionalhook = True",
        )
    },
    "an optional hook in the style of old": project(
        conftest=f"{PYTEST}@pytest.mark.optionalhook\ndef pytest_metadata(metadata):\n    pass\n", tests__test_a=TEST
    ),
    **{
        f"functions of the module's own, named as what ends Python, from {source.strip()!r}": module(
            f"{source}\nexit()\n\n\n{TEST}"
        )
        for source in (
            "def exit():\n    pass\n\n",
            "from kit import leave as exit\n",
            "from kit import *\n",
            "exit = print\n",
        )
    },
    "tests beside others of another pattern, which are told to be left out": project(
        "python_files = check_*.py\naddopts = --ignore=tests/manual", tests__check_a=TEST, tests__manual__test_b=TEST
    ),
    "a quit that a conftest.py defines": project(conftest="def quit():\n    pass\n\n\nquit()\n", tests__test_a=TEST),
    "a setup.py with a setup of its own": project(
        "python_files = *.py", setup="def setup():\n    pass\n\n\nsetup()\n", test_a=TEST
    ),
    **{
        f"a hidden package under {guard.partition(chr(10))[0]}": project(
            shop__INIT="",
            shop__core="X = 1\n",
            tests__shop__INIT="",
            tests__shop__test_a=TEST,
            tests__test_b=f"import contextlib\n\n{guard}\n\n\n{TEST}",
        )
        for guard in (
            "try:\n    from shop.core import X\nexcept ImportError:\n    X = 1",
            "with contextlib.suppress(ImportError):\n    from shop.core import X",
        )
    },
    "a class without tests whose warning is ignored": module(
        f"class TestX:\n    def __init__(self, a):\n        pass\n\n\n{TEST}",
        "filterwarnings =\n    error\n    ignore:cannot collect test class:pytest.PytestCollectionWarning",
    ),
}

FOUND = {
    "two modules of one name": (
        project(a__test_one=TEST, b__test_one=TEST),
        ["b/test_one.py:1:1: breaks module-name-collision"],
        "would be imported as 'test_one', as 'a/test_one.py' is already, pytest stops: import file mismatch",
    ),
    "two packages of one name": (
        project(a__tests__INIT="", a__tests__test_one=TEST, b__tests__INIT="", b__tests__test_two=TEST),
        ["b/tests/test_two.py:1:1: breaks module-name-collision"],
        "package 'b/tests' has the name of 'a/tests', which is loaded first, pytest stops: No module named",
    ),
    "two packages of one name under importlib": (
        project(
            "addopts = --import-mode=importlib",
            a__tests__INIT="",
            a__tests__test_one=TEST,
            b__tests__INIT="",
            b__tests__test_one=TEST,
        ),
        ["b/tests/test_one.py:1:1: loses module-replaced"],
        "pytest collects the tests of 'a/tests/test_one.py' twice",
    ),
    "two conftest files under append": (
        project("addopts = --import-mode=append", a__conftest="", a__test_a=TEST, b__conftest="", b__test_b=TEST),
        ["b/conftest.py:1:1: breaks module-name-collision"],
        "which import mode append does not bear",
    ),
    "a package named like one of Python": (
        project(tests__json__INIT="", tests__json__test_one=TEST),
        ["tests/json/test_one.py:1:1: breaks standard-library-name"],
        "pytest stops: No module named 'json.test_one'; rename it, or use --import-mode=importlib",
    ),
    "a test package that hides a package of the project": (
        project(
            "pythonpath = src",
            src__shop__INIT="",
            src__shop__prices="VAT = 19\n",
            tests__shop__INIT="",
            tests__shop__test_prices=f"from shop.prices import VAT\n\n\n{TEST}",
        ),
        ["tests/shop/__init__.py:1:1: breaks package-hides-another"],
        "'tests/shop/test_prices.py' asks for 'shop.prices', pytest stops: ModuleNotFoundError; "
        "remove tests/shop/__init__.py or add tests/__init__.py",
    ),
    "a dot in a file name": (
        project() | {"tests/test_v1.2.py": TEST},
        ["tests/test_v1.2.py:1:1: breaks dot-in-module-name"],
        "pytest stops: No module named 'test_v1'",
    ),
    "a folder that was renamed": (
        project("testpaths = unit integration", unit__test_a=TEST, integrations__test_b=TEST),
        ["pytest.ini:2:18: loses testpath-missing"],
        "pytest ignores it without a word; did you mean 'integrations'?",
    ),
    "testpaths that match nothing, as an error": (
        project("testpaths = test\nfilterwarnings = error", tests__test_a=TEST),
        ["pytest.ini:2:13: breaks testpath-missing"],
        "the warning about testpaths that match nothing is an error here",
    ),
    "a data file among testpaths": (
        project("testpaths = tests/*", tests__unit__test_a=TEST) | {"tests/data.json": "{}\n"},
        ["pytest.ini:2:13: breaks testpath-no-test-file"],
        "pytest stops: not found: tests/data.json",
    ),
    "testpaths without a test": (
        project("testpaths = docs", docs__conf="X = 1\n", tests__test_a=TEST),
        ["pytest.ini:2:13: breaks nothing-collected"],
        "testpaths names only 'docs', where no test file lies: pytest collects none of 1 file with tests",
    ),
    "testpaths without a test beside a collecting plugin that is disabled": (
        project(
            "testpaths = docs\naddopts = -p no:nbmake", f"{LATEST}nbmake\n", docs__conf="X = 1\n", tests__test_a=TEST
        ),
        ["pytest.ini:2:13: breaks nothing-collected"],
        "testpaths names only 'docs'",
    ),
    "testpaths without a test beside plugins that leave files out": (
        project("testpaths = docs", f"{LATEST}hypothesis\n", docs__conf="X = 1\n", tests__test_a=TEST),
        ["pytest.ini:2:13: breaks nothing-collected"],
        "testpaths names only 'docs'",
    ),
    "python_files that match nothing": (
        project("python_files = check_*.py", tests__test_a=TEST, tests__test_b=TEST),
        ["pytest.ini:2:1: breaks nothing-collected"],
        "python_files = 'check_*.py' matches no file with tests: pytest collects none of 2 files with tests",
    ),
    "python_functions that match nothing": (
        project("python_functions = check_*", tests__test_a=TEST),
        ["pytest.ini:2:1: breaks nothing-collected", "pytest.ini:2:1: loses test-functions-unmatched"],
        "matches no function",
    ),
    "python_functions that match nothing beside plugins that look at the functions of pytest": (
        project("python_functions = check_*", f"{LATEST}anyio\npytest-asyncio\n", tests__test_a=TEST),
        ["pytest.ini:2:1: breaks nothing-collected", "pytest.ini:2:1: loses test-functions-unmatched"],
        "matches no function",
    ),
    "norecursedirs over every folder": (
        project("norecursedirs = t*", tests__test_a=TEST),
        ["pytest.ini:2:1: breaks nothing-collected"],
        "norecursedirs skips 'tests'",
    ),
    "a folder named build": (
        project(tests__test_a=TEST, build__test_b=TEST),
        ["build/test_b.py:1:1: loses test-files-skipped"],
        "norecursedirs, by default, skips folders like 'build', and with 'build' 1 file with tests",
    ),
    "python_files that leaves some out": (
        project("python_files = check_*.py", tests__check_a=TEST, tests__test_b=TEST),
        ["pytest.ini:2:1: loses test-files-unmatched"],
        "leaves out 1 file with tests, such as 'tests/test_b.py'",
    ),
    "python_classes that leaves some out": (
        module("class TestA:\n    def test_x(self):\n        pass\n", "python_classes = *Spec"),
        ["pytest.ini:2:1: loses test-classes-unmatched"],
        "leaves out 1 test class named Test..., such as tests/test_a.py:1:1",
    ),
    "pytest_plugins in a nested conftest": (
        project(app__checks__conftest="pytest_plugins = ['pytester']\n", app__checks__test_a=TEST),
        ["app/checks/conftest.py:1:1: breaks pytest-plugins-too-late"],
        "Defining 'pytest_plugins' in a non-top-level conftest is no longer supported",
    ),
    "an option of a nested conftest that is read at once": (
        project(
            "testpaths = app",
            SEED,
            app__checks__conftest="def pytest_addoption(parser):\n    parser.addoption('--slow')\n\n\n"
            "def pytest_configure(config):\n    config.getoption('--slow')\n",
            app__checks__test_a=TEST,
        ),
        ["app/checks/conftest.py:2:5: breaks conftest-option-too-late"],
        "pytest fails: ValueError: no option named 'slow'",
    ),
    "an option of a nested conftest that is read at once with something instead": (
        project(
            "testpaths = app",
            SEED,
            app__checks__conftest="def pytest_addoption(parser):\n    parser.addoption('--slow')\n\n\n"
            "def pytest_configure(config):\n    config.getoption('--slow', None)\n",
            app__checks__test_a=TEST,
        ),
        ["app/checks/conftest.py:2:5: loses conftest-option-too-late"],
        "the command line and addopts do not know it",
    ),
    "an option of a nested conftest that is read at once and has a default": (
        project(
            "testpaths = app",
            SEED,
            app__checks__conftest="def pytest_addoption(parser):\n    parser.addoption('--slow', default=3)\n\n\n"
            "def pytest_configure(config):\n    config.getoption('--slow')\n",
            app__checks__test_a=TEST,
        ),
        ["app/checks/conftest.py:2:5: loses conftest-option-too-late"],
        "the command line and addopts do not know it",
    ),
    "a hook with a slip": (
        project(conftest="def pytest_collection_modifyitem(items):\n    pass\n", tests__test_a=TEST),
        ["conftest.py:1:1: breaks unknown-hook"],
        "pytest stops: unknown hook 'pytest_collection_modifyitem'; did you mean 'pytest_collection_modifyitems'?",
    ),
    "a hook that pytest 8 removed": (
        project("", SEED, conftest="def pytest_cmdline_preparse(config, args):\n    pass\n", tests__test_a=TEST),
        ["conftest.py:1:1: breaks unknown-hook"],
        "unknown hook 'pytest_cmdline_preparse'",
    ),
    "an argument that a hook does not get": (
        project(conftest="def pytest_collection_modifyitems(confg):\n    pass\n", tests__test_a=TEST),
        ["conftest.py:1:1: breaks unknown-hook-argument"],
        "are declared in the hookimpl but can not be found in the hookspec; did you mean 'config'?",
    ),
    "a constructor that costs tests": (
        module("class TestA:\n    def __init__(self):\n        pass\n\n    def test_x(self):\n        pass\n"),
        ["tests/test_a.py:1:1: loses test-class-with-constructor"],
        "and its test never runs",
    ),
    "a constructor where warnings are errors": (
        module("class TestA:\n    def __new__(cls):\n        return 1\n", "filterwarnings = error"),
        ["tests/test_a.py:1:1: breaks test-class-with-constructor"],
        "pytest stops: cannot collect test class 'TestA' because it has a __new__ constructor",
    ),
    "two tests of one name": (
        module(f"{TEST}\n\n{TEST}"),
        ["tests/test_a.py:1:1: loses test-name-repeated"],
        "test 'test_net' is defined again at line 5 in this module: the first one is never collected",
    ),
    "two classes of one name, whose methods are not each other's": (
        module(
            "class TestA:\n    def test_x(self):\n        pass\n\n\nclass TestA:\n    def test_x(self):\n        pass\n"
        ),
        ["tests/test_a.py:1:1: loses test-name-repeated"],
        "test class 'TestA' is defined again at line 6",
    ),
    "a yield test": (
        module("def test_a():\n    yield 1\n"),
        ["tests/test_a.py:1:1: breaks yield-test"],
        "'yield' keyword is allowed in fixtures, but not in tests (test_a)",
    ),
    "a yield test before pytest 8.4": (
        module("def test_a():\n    yield 1\n", pins=OLD),
        ["tests/test_a.py:1:1: loses yield-test"],
        "pytest marks it xfail and never runs it",
    ),
    "a setup in the style of nose": (
        module(
            "class TestA:\n    def setup(self):\n        self.items = 1\n\n"
            "    def test_x(self):\n        assert self.items\n"
        ),
        ["tests/test_a.py:2:5: breaks nose-style-setup"],
        "'test_x' fails: AttributeError: 'TestA' object has no attribute 'items'; rename it setup_method",
    ),
    "parametrize and an argument with a slip": (
        module(PYTEST + "@pytest.mark.parametrize('rate', [7])\ndef test_a(rates):\n    pass\n"),
        ["tests/test_a.py:4:2: breaks parametrize-unknown-argument"],
        "pytest stops: function uses no argument 'rate'; did you mean 'rates'?",
    ),
    "parametrize and a default": (
        module(PYTEST + "@pytest.mark.parametrize('rate', [7])\ndef test_a(rate=3):\n    pass\n"),
        ["tests/test_a.py:4:2: breaks parametrize-defaulted-argument"],
        "function already takes an argument 'rate' with a default value",
    ),
    "a row that is too short": (
        module(PYTEST + "@pytest.mark.parametrize('a, b', [(1, 2), (3,)])\ndef test_a(a, b):\n    pass\n"),
        ["tests/test_a.py:4:43: breaks parametrize-value-count"],
        "this row has 1 value for 2 names (a, b)",
    ),
    "ids by position": (
        module(PYTEST + "@pytest.mark.parametrize('a', [1], False, ['one'])\ndef test_a(a):\n    pass\n"),
        ["tests/test_a.py:4:2: breaks parametrize-by-position"],
        "Metafunc.parametrize() takes 3 positional arguments",
    ),
    "a keyword that parametrize does not have": (
        module(PYTEST + "@pytest.mark.parametrize('a', [1], id=['one'])\ndef test_a(a):\n    pass\n"),
        ["tests/test_a.py:4:2: breaks parametrize-unknown-keyword"],
        "got an unexpected keyword argument 'id'; it has argnames, argvalues, indirect, ids, scope",
    ),
    "too many ids": (
        module(PYTEST + "@pytest.mark.parametrize('a', [1], ids=['x', 'y'])\ndef test_a(a):\n    pass\n"),
        ["tests/test_a.py:4:2: breaks parametrize-id-count"],
        "parametrize has 1 row and 2 ids, pytest stops: 1 parameter sets specified, with different number of ids: 2",
    ),
    "one id twice under strictness": (
        module(PYTEST + "@pytest.mark.parametrize('a', [7, 19, 7])\ndef test_a(a):\n    pass\n", "strict = true"),
        ["tests/test_a.py:4:39: breaks parametrize-id-repeated"],
        "this row has the id '7', as the row at line 4 has, and strict is on",
    ),
    "a scope that does not exist": (
        module(PYTEST + "@pytest.fixture(scope='modul')\ndef cart():\n    return []\n"),
        ["tests/test_a.py:4:2: breaks unknown-fixture-scope"],
        "got an unexpected scope value 'modul'; did you mean 'module'?",
    ),
    "a scope that does not fit": (
        module(
            PYTEST
            + "@pytest.fixture(scope='session')\ndef env(tmp_path):\n    return 1\n\n\ndef test_a(env):\n    pass\n"
        ),
        ["tests/test_a.py:5:1: breaks fixture-scope-mismatch"],
        "fixture 'env' has the scope session and asks for 'tmp_path' of the scope function",
    ),
    "two fixtures that capture the output": (
        module("def test_a(capfd, capfdbinary):\n    pass\n"),
        ["tests/test_a.py:1:1: breaks fixtures-exclude-each-other"],
        "'test_a' asks for 'capfd' and 'capfdbinary', which both capture its output: it fails when it runs, "
        "cannot use capfdbinary and capfd at the same time; keep one of the two",
    ),
    "a fixture that asks for itself": (
        module(
            PYTEST
            + "@pytest.fixture\ndef a(b):\n    return b\n\n\n@pytest.fixture\ndef b(a):\n    return a\n\n\n"
            + "def test_a(b):\n    pass\n"
        ),
        ["tests/test_a.py:5:1: breaks fixture-recursion"],
        "fixture 'a' asks for itself (a -> b -> a), 'test_a' fails when it runs",
    ),
    "a fixture that nobody defines": (
        project(tests__conftest=PYTEST + FIXTURE, tests__test_a="def test_a(crat):\n    pass\n"),
        ["tests/test_a.py:1:1: breaks unknown-fixture"],
        "'test_a' asks for fixture 'crat', which nobody defines: it fails when it runs, fixture 'crat' not found; "
        "did you mean 'cart'?",
    ),
    "a fixture that nobody defines, compared with something": (
        module(PYTEST + FIXTURE + "\n\ndef test_a(crat):\n    assert crat == []\n"),
        ["tests/test_a.py:9:1: breaks unknown-fixture"],
        "fixture 'crat' not found; did you mean 'cart'?",
    ),
    "a fixture of another folder": (
        project(tests__a__conftest=PYTEST + FIXTURE, tests__b__test_b="def test_b(cart):\n    pass\n"),
        ["tests/b/test_b.py:1:1: breaks unknown-fixture"],
        "fixture 'cart' not found",
    ),
    "usefixtures of a fixture that nobody defines": (
        module(PYTEST + "@pytest.mark.usefixtures('cart')\nclass TestA:\n    def test_a(self):\n        pass\n"),
        ["tests/test_a.py:4:2: breaks unknown-fixture"],
        "'test_a' asks for fixture 'cart'",
    ),
    "a fixture that asks for one that nobody defines": (
        project(
            conftest=PYTEST + "@pytest.fixture\ndef shop(crat):\n    return crat\n",
            tests__test_a="def test_a(shop):\n    pass\n",
        ),
        ["conftest.py:5:1: breaks unknown-fixture"],
        "fixture 'shop' asks for fixture 'crat', which nobody defines: 'test_a' fails when it runs",
    ),
    "a syntax error": (
        module("def test_a()\n    pass\n"),
        ["tests/test_a.py:1:13: breaks unparsable-python-file"],
        "pytest stops collecting: SyntaxError: expected ':'",
    ),
    "a conftest with a syntax error": (
        project(conftest="def f(:\n    pass\n", tests__test_a=TEST),
        ["conftest.py:1:7: breaks unparsable-python-file"],
        "pytest stops: SyntaxError",
    ),
    "a script that ends Python below what it defines": (
        project(
            "python_files = *.py",
            tests__test_a=TEST,
            tests__tool="import sys\n\nCODE = 1\n\n\ndef code():\n    return CODE\n\n\nsys.exit(code())\n",
        ),
        ["tests/tool.py:10:1: breaks module-raises"],
        "importing this module raises SystemExit",
    ),
    "a script with an exit of its own, which ends Python, too": (
        project(
            "python_files = *.py",
            tests__test_a=TEST,
            tests__tool="import sys\n\n\ndef exit():\n    sys.exit(1)\n\n\nexit()\n",
        ),
        ["tests/tool.py:8:1: breaks module-raises"],
        "importing this module raises SystemExit",
    ),
    "a script that python_files takes": (
        project("python_files = *.py", tests__test_a=TEST, tests__tool="raise RuntimeError('no')\n"),
        ["tests/tool.py:1:1: breaks module-raises"],
        "importing this module raises RuntimeError",
    ),
    "a relative import outside of a package": (
        project(tests__kit="X = 1\n", tests__test_a=f"from .kit import X\n\n\n{TEST}"),
        ["tests/test_a.py:1:1: breaks relative-import-without-package"],
        "attempted relative import with no known parent package; add tests/__init__.py",
    ),
    "a helper module that is not there": (
        project(tests__INIT="", tests__kit="X = 1\n", tests__test_a=f"from tests.kti import X\n\n\n{TEST}"),
        ["tests/test_a.py:1:1: breaks helper-module-missing"],
        "No module named 'tests.kti'; did you mean 'kit'?",
    ),
    "a name that a helper module lacks": (
        project(tests__INIT="", tests__kit="X = 1\n", tests__test_a=f"from tests.kit import Y\n\n\n{TEST}"),
        ["tests/test_a.py:1:1: breaks helper-name-missing"],
        "'tests/kit.py' has no 'Y', pytest stops: ImportError: cannot import name 'Y' from 'tests.kit'",
    ),
    "two helper modules of one name": (
        project(
            a__kit="X = 1\n",
            a__test_a=f"from kit import X\n\n\n{TEST}",
            b__kit="Y = 1\n",
            b__test_b=f"from kit import Y\n\n\n{TEST}",
        ),
        ["b/test_b.py:1:1: breaks helper-module-hidden"],
        "'a/kit.py' is loaded as 'kit' before 'b/kit.py' can be, and it has no 'Y'",
    ),
    "a helper module beside the test under importlib": (
        project(
            "addopts = --import-mode=importlib", tests__kit="X = 1\n", tests__test_a=f"from kit import X\n\n\n{TEST}"
        ),
        ["tests/test_a.py:1:1: breaks sibling-import-under-importlib"],
        "No module named 'kit'; set pythonpath = tests",
    ),
    "a helper module beside a test in a package, by its bare name": (
        project(tests__INIT="", tests__kit="X = 1\n", tests__test_a=f"from kit import X\n\n\n{TEST}"),
        ["tests/test_a.py:1:1: breaks sibling-import-in-package"],
        "ModuleNotFoundError: No module named 'kit'; write from .kit import",
    ),
    "a conftest.py that raises": (
        project(tests__conftest="raise RuntimeError\n", tests__test_a=TEST),
        ["tests/conftest.py:1:1: breaks module-raises"],
        "importing this file raises RuntimeError",
    ),
    "a scope of parametrize that there is not": (
        module(f"{PYTEST}@pytest.mark.parametrize('n', [1], scope='modul')\ndef test_n(n):\n    assert n\n"),
        ["tests/test_a.py:4:2: breaks parametrize-unknown-scope"],
        "did you mean 'module'?",
    ),
    "a row of parametrize with a text for a mark": (
        module(
            f"{PYTEST}@pytest.mark.parametrize('n', [pytest.param(1, marks='slow')])\ndef test_n(n):\n    assert n\n"
        ),
        ["tests/test_a.py:4:32: breaks parametrize-row-mark"],
        "write pytest.mark.slow",
    ),
    "values for a fixture that nobody defines": (
        module(f"{PYTEST}@pytest.mark.parametrize('n', [1], indirect=True)\ndef test_n(n):\n    assert n\n"),
        ["tests/test_a.py:4:2: breaks unknown-fixture"],
        "parametrize gives values to the fixture 'n', which nobody defines",
    ),
    "a fixture of pytester without the plugin": (
        module("def test_n(testdir):\n    assert testdir\n"),
        ["tests/test_a.py:1:1: breaks unknown-fixture"],
        "fixture 'testdir' not found",
    ),
    "a package below src that nothing reaches": (
        project("testpaths = tests", src__shop__INIT="", tests__test_a=f"from shop import x\n\n\n{TEST}"),
        ["tests/test_a.py:1:1: breaks own-package-not-importable"],
        "No module named 'shop'; set pythonpath = src",
    ),
}


@pytest.mark.parametrize("files", SILENT.values(), ids=SILENT)
def test_nothing_is_found(files: dict[str, str]) -> None:
    assert judged(files, concerns=("test-layout",)) == []


@pytest.mark.parametrize(("files", "expected", "message"), FOUND.values(), ids=FOUND)
def test_it_is_found(files: dict[str, str], expected: list[str], message: str) -> None:
    must_find(files, expected, message, concerns=("test-layout",))


def test_a_file_that_is_the_place_of_a_finding_is_not_named_below_it_again() -> None:
    (found,) = judged(project(tests__test_a=TEST, build__test_b=TEST, build__test_c=TEST), concerns=("test-layout",))

    assert [str(related.place) for related in found.related] == ["build/test_c.py:1:1"]
