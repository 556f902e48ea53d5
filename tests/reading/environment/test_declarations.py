"""Each kind of file declares its requirements, and what cannot be read opens the environment."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from precollect.reading.environment import Environment

EnvironmentOf = Callable[..., Environment]


PYPROJECT = "pyproject.toml"

COMPLETE: dict[str, tuple[dict[str, str | bytes | None], set[str]]] = {
    "dynamic dependencies from setup.py": (
        {PYPROJECT: '[project]\ndynamic = ["dependencies"]', "setup.py": "setup(install_requires=['pytest'])"},
        {"pytest"},
    ),
    "lines of Windows that go on": (
        {"requirements.txt": "pytest \\\r\n  >=8\r\nattrs\r\n"},
        {"pytest", "attrs"},
    ),
    "a line that goes on with a comment, which ends it": (
        {"requirements.txt": "pytest\\\n# with all its \\\nattrs\n"},
        {"pytest", "attrs"},
    ),
    "project dependencies": ({PYPROJECT: '[project]\ndependencies = ["Pytest>=8", "attrs"]'}, {"pytest", "attrs"}),
    "an extra beside the project's own dependencies": (
        {PYPROJECT: '[project]\ndependencies = ["attrs"]\n[project.optional-dependencies]\ntest = ["pytest"]'},
        {"attrs", "pytest"},
    ),
    "an extra that names another extra of the same project": (
        {
            PYPROJECT: '[project]\nname = "My_Box"\n[project.optional-dependencies]\n'
            'cov = ["pytest-cov"]\ntest = ["pytest", "my-box[cov]"]'
        },
        {"pytest", "pytest-cov"},
    ),
    "a dependency group that includes another": (
        {PYPROJECT: '[dependency-groups]\ncov = ["coverage"]\nTest = ["pytest", {include-group = "Cov"}]'},
        {"pytest", "coverage"},
    ),
    "dependency groups that include each other": (
        {
            PYPROJECT: '[dependency-groups]\na = ["pytest", {include-group = "b"}]\n'
            'b = ["coverage", {include-group = "a"}]'
        },
        {"pytest", "coverage"},
    ),
    "dynamic dependencies from a file": (
        {
            PYPROJECT: '[project]\ndynamic = ["dependencies", "optional-dependencies"]\n'
            '[tool.setuptools.dynamic]\ndependencies = {file = ["base.txt"]}\n'
            '[tool.setuptools.dynamic.optional-dependencies]\ntest = {file = "more.txt"}',
            "base.txt": "attrs\n",
            "more.txt": "pytest\n",
        },
        {"attrs", "pytest"},
    ),
    "uv's development dependencies": ({PYPROJECT: '[tool.uv]\ndev-dependencies = ["pytest"]'}, {"pytest"}),
    "a member of uv's workspace": (
        {
            PYPROJECT: '[dependency-groups]\ntest = ["pytest", "helpers[more]"]\n'
            "[tool.uv.sources]\nhelpers = {workspace = true}",
            "libs/helpers/pyproject.toml": '[project]\nname = "helpers"\ndependencies = ["attrs"]\n'
            '[project.optional-dependencies]\nmore = ["pytest-cov"]',
        },
        {"pytest", "attrs", "pytest-cov"},
    ),
    "PDM's development dependencies": (
        {PYPROJECT: '[tool.pdm.dev-dependencies]\ntest = ["pytest", "-e file:///${PROJECT_ROOT}/lib"]'},
        {"pytest"},
    ),
    "hatch environments that inherit from the default one": (
        {
            PYPROJECT: '[tool.hatch.envs.default]\ndependencies = ["pytest"]\n'
            '[tool.hatch.envs.more]\nextra-dependencies = ["pytest-cov"]\ndependency-groups = ["helpers"]\n'
            '[dependency-groups]\nhelpers = ["attrs"]'
        },
        {"pytest", "pytest-cov", "attrs"},
    ),
    "hatch.toml, with hatch's own dependencies for tests": (
        {"hatch.toml": '[envs.hatch-test]\nextra-dependencies = ["attrs"]'},
        {"attrs", "pytest", "pytest-mock", "pytest-randomly", "pytest-rerunfailures", "pytest-xdist"},
    ),
    "Poetry's groups, with its tables of versions": (
        {
            PYPROJECT: '[tool.poetry.dependencies]\npython = "^3.10"\nattrs = "*"\n'
            '[tool.poetry.group.test.dependencies]\npytest = "^8.0"\npytest-cov = {version = "^7", extras = ["toml"]}'
        },
        {"attrs", "pytest", "pytest-cov"},
    ),
    "Poetry's paths, platforms and groups of groups": (
        {
            PYPROJECT: '[tool.poetry.dependencies]\nhelpers = {path = "libs/helpers", extras = ["more"]}\n'
            '[tool.poetry.group.test]\ninclude-groups = ["more"]\n[tool.poetry.group.test.dependencies]\n'
            'pytest = {version = "*", python = "^3.10"}\n'
            '[tool.poetry.group.more.dependencies]\nattrs = {version = "*", platform = "linux", '
            "markers = \"os_name != 'x'\"}",
            "libs/helpers/pyproject.toml": '[project]\nname = "helpers"\ndependencies = ["orjson"]',
        },
        {"helpers", "pytest", "attrs", "orjson"},
    ),
    "Poetry's old development dependencies": (
        {PYPROJECT: '[tool.poetry.dev-dependencies]\npytest = [{version = "<8"}, {version = ">=8"}]'},
        {"pytest"},
    ),
    "Poetry's optional dependencies, which only an extra installs": (
        {
            PYPROJECT: '[tool.poetry.dependencies]\npytest = {version = "*", optional = true}\n'
            'sphinx = {version = "*", optional = true}\n[tool.poetry.extras]\ntests = ["pytest"]\ndocs = ["sphinx"]'
        },
        {"pytest"},
    ),
    "requirements files that include one another": (
        {
            "requirements-test.txt": "-r requirements/base.txt\npytest\n",
            "requirements/base.txt": "attrs\n-r ../requirements-test.txt\n",
        },
        {"pytest", "attrs"},
    ),
    "a folder of requirements files": (
        {"requirements/tests.txt": "pytest\n--requirement=base.in\n", "requirements/base.in": "attrs\n"},
        {"pytest", "attrs"},
    ),
    "requirements with everything that pip allows": (
        {
            "dev-requirements.txt": "--index-url https://example.org/simple\n# a comment\n"
            "pytest[dev-tools] >= 7 , < 9 \\\n    --hash=sha256:00 \\\n    --hash=sha256:11  # and why\n"
            "pytest_cov @ git+https://example.org/cov\nhttps://example.org/pytest_mock-3.0-py3-none-any.whl\n"
            "git+https://example.org/x.git@main#subdirectory=y&egg=Attrs[more]\n"
            "./wheels/pytest-timeout-2.0.tar.gz\npytest.xdist(>=3);python_version>'3'\n\n"
        },
        {"pytest", "pytest-cov", "pytest-mock", "attrs", "pytest-timeout", "pytest-xdist"},
    ),
    "a requirements file with a byte order mark and CRLF": (
        {"requirements.txt": b"\xef\xbb\xbfpytest\r\npytest-cov\r\n"},
        {"pytest", "pytest-cov"},
    ),
    "a requirements file in UTF-16, as PowerShell writes it": (
        {"requirements.txt": "pytest\r\nattrs\r\n".encode("utf-16")},
        {"pytest", "attrs"},
    ),
    "a requirements file in latin-1": ({"requirements.txt": b"# caf\xe9\npytest\n"}, {"pytest"}),
    "the project with an extra, from a requirements file": (
        {
            "requirements-dev.txt": "-e .[test]\n",
            "setup.cfg": "[options]\ninstall_requires =\n    attrs\n"
            "[options.extras_require]\ntest =\n    pytest\n    # why\n",
        },
        {"pytest", "attrs"},
    ),
    "setup.cfg, with requirements from a file": (
        {
            "setup.cfg": "[metadata]\nname = box\n[options]\ninstall_requires = file: base.txt\n"
            "tests_require = pytest\n",
            "base.txt": "attrs",
        },
        {"attrs", "pytest"},
    ),
    "setup.py with lists and names for lists": (
        {
            "setup.py": "from setuptools import setup\nBASE = ['attrs']\nextras = {'test': ['pytest'] + BASE}\n"
            "extras['dev'] = [*extras['test'], 'pytest-cov']\n"
            "setup(name='box', install_requires=BASE, extras_require=extras, version=get_version())\n"
        },
        {"attrs", "pytest", "pytest-cov"},
    ),
    "setup.py with typed names, texts put together, and one dictionary within another": (
        {
            "setup.py": "from setuptools import setup\nCORE: list[str] = ['att' + 'rs']\n"
            "MORE = {'cov': ('pytest-cov',)}\n"
            "def helper():\n    CORE = computed()\n"
            "setup(install_requires=CORE, extras_require={**MORE, 'test': ['pytest', *MORE['cov']]})\n"
        },
        {"attrs", "pytest-cov", "pytest"},
    ),
    "setup.py with its arguments in a dictionary": (
        {
            "setup.py": "import setuptools\nargs = dict(long_description=open('x').read(), "
            "tests_require='pytest\\nattrs')\n"
            "setuptools.setup(**args)\n"
        },
        {"attrs", "pytest"},
    ),
    "setup.py with its arguments in a dictionary that grows by other entries": (
        {
            "setup.py": "args = {'install_requires': ['pytest']}\nif x:\n    args['ext_modules'] = make()\n"
            "with open('x') as file:\n    args['description'] = file.read()\nsetup(**args)\n"
        },
        {"pytest"},
    ),
    "setup.py, which pyproject.toml overrules": (
        {
            PYPROJECT: '[project]\ndependencies = []\n[dependency-groups]\ntest = ["pytest"]',
            "setup.py": "setup(install_requires=computed())",
        },
        {"pytest"},
    ),
    "uv.lock of a project that locks nothing": (
        {"uv.lock": 'version = 1\nrevision = 3\nrequires-python = ">=3.11"\n', "requirements.txt": "pytest\n"},
        {"pytest"},
    ),
    "a tox environment for a folder that is no start of its own": (
        {"tox.ini": "[testenv]\ndeps = pytest\n[testenv:more]\nchangedir = tests\ndeps = attrs\ncommands = pytest\n"},
        {"pytest", "attrs"},
    ),
    "a tox environment for a folder with its own configuration": (
        {
            "tox.ini": "[testenv]\ndeps = pytest\n"
            "[testenv:plugins]\nchange_dir = {toxinidir}/other\ndeps = pytest-asyncio\ncommands = pytest\n",
            "other/pytest.ini": "[pytest]\n",
        },
        {"pytest"},
    ),
    "a table of tox for a folder with its own configuration": (
        {
            "tox.toml": '[env_run_base]\ndeps = ["pytest"]\n'
            '[env.plugins]\nchange_dir = "other"\ndeps = ["pytest-asyncio"]\ncommands = [["pytest"]]\n',
            "other/pytest.ini": "[pytest]\n",
        },
        {"pytest"},
    ),
    "tox.ini, with substitutions": (
        {
            "tox.ini": "[base]\ndeps =\n    pytest\n    -r{toxinidir}/more.txt\n[testenv]\ndeps =\n    {[base]deps}\n"
            "    pytest-cov{env:COV:>=7}  # why\nextras = fast\n[testenv:docs]\ndeps = sphinx\nskip_install = true\n",
            "more.txt": "attrs",
            PYPROJECT: '[project]\nname = "box"\n[project.optional-dependencies]\nfast = ["orjson"]',
        },
        {"pytest", "attrs", "pytest-cov", "orjson"},
    ),
    "a reference to what another tox environment inherits": (
        {"tox.ini": "[testenv]\ndeps = attrs\n[testenv:a]\n[testenv:b]\ndeps =\n    {[testenv:a]deps}\n    pytest\n"},
        {"attrs", "pytest"},
    ),
    "tox environments in setup.cfg": ({"setup.cfg": "[tox:tox]\n[testenv]\ndeps = pytest\n"}, {"pytest"}),
    "tox.toml, with references": (
        {
            "tox.toml": '[env_run_base]\ndeps = ["pytest"]\ndependency_groups = ["more"]\n'
            '[env.cov]\ndeps = [{replace = "ref", of = ["env_run_base", "deps"], extend = true}, "pytest-cov"]',
            PYPROJECT: '[dependency-groups]\nmore = ["attrs"]',
        },
        {"pytest", "pytest-cov", "attrs"},
    ),
    "tox in pyproject.toml, in both ways": (
        {
            PYPROJECT: '[tool.tox]\nlegacy_tox_ini = """\n[testenv]\ndeps = pytest\n"""\n'
            '[tool.tox.env.test]\ndeps = ["pytest-cov"]'
        },
        {"pytest", "pytest-cov"},
    ),
    "nox sessions": (
        {
            "noxfile.py": "import nox\nTOOLS = ['pytest-mock']\n@nox.session\ndef tests(session):\n"
            "    session.install('-r', 'more.txt', '--upgrade', 'pytest', *TOOLS)\n"
            "    session.run('python', '-m', 'pip', 'install', '-i', 'https://example.org', 'pytest-cov')\n"
            "    session.run('pytest')\n@nox.session\ndef docs(session):\n    session.install(computed())\n",
            "more.txt": "attrs",
        },
        {"pytest", "pytest-mock", "pytest-cov", "attrs"},
    ),
    "a nox session with computed versions": (
        {"noxfile.py": "def tests(session, old):\n    session.install(f'attrs~={old}', f'pytest == {old}')\n"},
        {"attrs", "pytest"},
    ),
    "nox sessions that take dependency groups": (
        {
            "noxfile.py": "import nox\nPYPROJECT = nox.project.load_toml()\ndef tests(session):\n"
            "    session.install(*nox.project.dependency_groups(PYPROJECT, 'helpers'))\n"
            "    session.run_install('uv', 'sync', '--group', 'more')\n    session.run('pytest', 'tests')\n",
            PYPROJECT: '[dependency-groups]\nhelpers = ["pytest"]\nmore = ["attrs"]\nother = ["sphinx"]',
        },
        {"pytest", "attrs"},
    ),
    "a Pipfile": (
        {
            "Pipfile": '[[source]]\nname = "pypi"\n[packages]\nattrs = "*"\n[dev-packages]\npytest = ">=8"\n'
            'pytest-cov = {version = "*", extras = ["toml"]}\nlocal = {path = ".", editable = true}'
        },
        {"pytest", "pytest-cov", "local"},
    ),
    "a conda environment, with its pip list": (
        {
            "environment.yml": "name: x\nchannels:\n  - conda-forge\ndependencies:\n  - python=3.11\n"
            "  - conda-forge::pytest=8.4  # why\n  - 'attrs >=20'\n  - pip\n  - pip:\n    - pytest-cov==7.0.0\n"
            "    - -r more.txt\n  - coverage\nvariables:\n  - no-requirement\n",
            "more.txt": "pytest-mock",
        },
        {"python", "pytest", "attrs", "pip", "pytest-cov", "coverage", "pytest-mock"},
    ),
    "a conda environment without indentation": (
        {"ci/environment-3.11.yaml": "dependencies:\n- pytest\n- pip:\n  - pytest-cov\n- attrs\n"},
        {"pytest", "pytest-cov", "attrs"},
    ),
}


@pytest.mark.parametrize(("files", "names"), COMPLETE.values(), ids=COMPLETE)
def test_a_declaration_is_read_as_a_whole(
    files: dict[str, str | bytes | None], names: set[str], environment_of: EnvironmentOf
) -> None:
    environment = environment_of(files)
    assert environment.names == names
    assert environment.why_open == ()
    assert environment.closed
    assert environment.presence("pytest") == "yes"
    assert environment.presence("pytest-sugar") == "no"


OPEN: dict[str, tuple[dict[str, str | bytes | None], str]] = {
    "nothing at all": ({}, "no file declares pytest"),
    "a project that declares something else": (
        {PYPROJECT: '[project]\ndependencies = ["attrs"]'},
        "no file declares pytest",
    ),
    "dependencies that the build computes": (
        {PYPROJECT: '[project]\ndynamic = ["dependencies"]\n[dependency-groups]\ntest = ["pytest"]'},
        "pyproject.toml: dependencies are dynamic",
    ),
    "extras that the build computes": (
        {PYPROJECT: '[project]\ndynamic = ["optional-dependencies"]\n[dependency-groups]\ntest = ["pytest"]'},
        "pyproject.toml: optional dependencies are dynamic",
    ),
    "a group that is not there": (
        {PYPROJECT: '[dependency-groups]\ntest = ["pytest", {include-group = "gone"}]'},
        "pyproject.toml: there is no dependency group gone",
    ),
    "requirements from a URL": (
        {"requirements.txt": "pytest\n-r https://example.org/more.txt\n"},
        "requirements.txt:2: -r https://example.org/more.txt cannot be read",
    ),
    "requirements outside of the repository": (
        {"requirements.txt": "pytest\n-r ../more.txt\n"},
        "requirements.txt:2: -r ../more.txt cannot be read",
    ),
    "requirements that are not in the commit": (
        {"requirements.txt": "pytest\n-r more.txt\n"},
        "requirements.txt: -r more.txt is not in the commit",
    ),
    "a project outside of the repository": (
        {"requirements.txt": "pytest\n-e ../helpers\n"},
        "requirements.txt:2: ../helpers is outside of the repository",
    ),
    "a URL without a name": (
        {"requirements.txt": "pytest\ngit+https://example.org/x.git\n"},
        "requirements.txt:2: cannot tell which distribution git+https://example.org/x.git is",
    ),
    "a variable": ({"requirements.txt": "pytest\n${MORE}\n"}, "requirements.txt:2: ${MORE} depends on a variable"),
    "a line that is no requirement": (
        {"requirements.txt": "pytest\n<<<<<<< HEAD\n"},
        "requirements.txt:2: <<<<<<< HEAD is no requirement",
    ),
    "an extra that installs what another project tests with": (
        {"requirements.txt": "pytest\npolars[test]\n"},
        "requirements.txt:2: polars[test] may bring plugins along",
    ),
    "a distribution of helpers for tests": (
        {"requirements-test.txt": "pytest\nacme-testing\n"},
        "requirements-test.txt: acme-testing may bring plugins along",
    ),
    "a plugin that the catalog does not hold": (
        {"requirements.txt": "pytest\npytest-unheard\n"},
        "requirements.txt: pytest-unheard may bring plugins along",
    ),
    "setup.py with computed requirements": (
        {"setup.py": "setup(install_requires=open('x').readlines())", "requirements.txt": "pytest"},
        "setup.py:1: the requirements are computed",
    ),
    "setup.py with computed extras": (
        {"setup.py": "setup(extras_require=extras())", "requirements.txt": "pytest"},
        "setup.py:1: the extras are computed",
    ),
    "setup.py with computed arguments": (
        {"setup.py": "setup(**arguments())", "requirements.txt": "pytest"},
        "setup.py:1: the arguments of setup() are computed",
    ),
    "setup.py with a dictionary that gets computed requirements": (
        {
            "setup.py": "args = {}\nif x:\n    args['install_requires'] = make()\nsetup(**args)",
            "requirements.txt": "pytest",
        },
        "setup.py:3: the requirements are computed",
    ),
    "setup.py with a dictionary that gets computed entries": (
        {"setup.py": "args = {}\nfor x in y:\n    args[x] = make()\nsetup(**args)", "requirements.txt": "pytest"},
        "setup.py:4: the arguments of setup() are computed",
    ),
    "setup.py whose list grows": (
        {"setup.py": "more = ['pytest']\nif x:\n    more.append('y')\nsetup(tests_require=more)\n"},
        "setup.py:4: the requirements are computed",
    ),
    "setup.py with extras that are put together at run time": (
        {"setup.py": "setup(extras_require={'test': ['pytest'] if x else []})", "requirements.txt": "pytest"},
        "setup.py:1: the requirements are computed",
    ),
    "setup.cfg with a value of another section": (
        {"setup.cfg": "[options.extras_require]\ntest =\n    pytest\n    %(more)s\n"},
        "setup.cfg:4: %(more)s depends on another value",
    ),
    "a nox session with a computed file": (
        {"noxfile.py": "def tests(session):\n    session.install('pytest', '-r', FILE)\n"},
        "noxfile.py:2: the value of -r is computed",
    ),
    "conda dependencies on one line": (
        {"environment.yml": "dependencies: [pytest, attrs]\n", "requirements.txt": "pytest"},
        "environment.yml:1: dependencies are written in another way than as a list",
    ),
    "a Pipfile with a number": (
        {"Pipfile": "[dev-packages]\npytest = 8\n", "requirements.txt": "pytest"},
        "Pipfile: dev-packages.pytest is no package",
    ),
    "a lock file in an unknown encoding": (
        {"uv.lock": b"\xff", "requirements.txt": "pytest"},
        "uv.lock: no UTF-8",
    ),
    "a lock file that is too large": ({"uv.lock": None, "requirements.txt": "pytest"}, "uv.lock: larger than 16 MiB"),
    "a nox session with computed requirements": (
        {"noxfile.py": "def tests(session):\n    session.install('pytest', MORE)\n    session.run('pytest')\n"},
        "noxfile.py:2: a requirement is computed",
    ),
    "a tox environment with a variable": (
        {"tox.ini": "[testenv]\ndeps =\n    pytest\n    {env:MORE:}\n"},
        "tox.ini:4: {env:MORE:} depends on a variable",
    ),
    "tox's TOML with a replacement that depends on the machine": (
        {"tox.toml": 'env_run_base = {deps = ["pytest", {replace = "env", name = "MORE"}]}'},
        "tox.toml: a replacement of kind env",
    ),
    "tox.toml with a reference that names no environment": (
        {"tox.toml": 'env_run_base = {deps = ["pytest", {replace = "ref", key = "deps"}]}'},
        "tox.toml: a replacement of kind ref",
    ),
    "a conda environment with a template": (
        {"environment.yml": "dependencies:\n  - pytest\n  - {{ more }}\n"},
        "environment.yml:3: {{ more }} depends on a variable",
    ),
    "a file that is too large": ({PYPROJECT: None, "requirements.txt": "pytest"}, "pyproject.toml: larger than 16 MiB"),
    "a TOML file of two megabytes": (
        {PYPROJECT: "#" * (2 << 20), "requirements.txt": "pytest"},
        "pyproject.toml: larger than 1 MiB",
    ),
    "a setup.py of a later Python": (
        {"setup.py": "x = = 1", "requirements.txt": "pytest"},
        "setup.py: no Python that can be read",
    ),
    "a setup.py that is no text": (
        {"setup.py": b"\0", "requirements.txt": "pytest"},
        "setup.py: no Python that can be read",
    ),
    "a tool table that is no table": (
        {PYPROJECT: "tool = 1", "requirements.txt": "pytest"},
        "pyproject.toml: tool is no table",
    ),
    "dependencies that are a text": (
        {PYPROJECT: '[project]\ndependencies = "x"\n', "requirements.txt": "pytest"},
        "pyproject.toml: project.dependencies is no list",
    ),
    "dependencies that are numbers": (
        {PYPROJECT: "[project]\ndependencies = [1]\n", "requirements.txt": "pytest"},
        "pyproject.toml: project.dependencies is no list of texts",
    ),
    "a nox session with a computed name": (
        {"noxfile.py": "def tests(session, plugin):\n    session.install('pytest', f'pytest-{plugin}')\n"},
        "noxfile.py:2: a requirement is computed",
    ),
    "a lock file that is none": (
        {"poetry.lock": "nothing", "requirements.txt": "pytest"},
        "poetry.lock: no locked package is found in it",
    ),
    "a Pipfile.lock that is none": (
        {"Pipfile.lock": "[" * 100_000, "requirements.txt": "pytest"},
        "Pipfile.lock: no JSON that can be read",
    ),
}


@pytest.mark.parametrize(("files", "reason"), OPEN.values(), ids=OPEN)
def test_what_cannot_be_read_opens_the_environment(
    files: dict[str, str | bytes | None], reason: str, environment_of: EnvironmentOf
) -> None:
    environment = environment_of(files)
    assert reason in environment.why_open
    assert not environment.closed
    assert environment.presence("pytest-sugar") == "unknown"


BROKEN: dict[str, dict[str, str | bytes | None]] = {
    "TOML": {PYPROJECT: "[project\n"},
    "TOML that is nested too deeply": {PYPROJECT: "a = " + "[" * 100_000},
    "TOML that is no UTF-8": {PYPROJECT: b"a = '\xff'"},
    "an INI file": {"tox.ini": "no section\n"},
    "setup.cfg": {"setup.cfg": "= x\n"},
    "Python that is nested too deeply": {"noxfile.py": "x = " + "(" * 100_000},
}


@pytest.mark.parametrize("files", BROKEN.values(), ids=BROKEN)
def test_a_broken_file_opens_the_environment(
    files: dict[str, str | bytes | None], environment_of: EnvironmentOf
) -> None:
    environment = environment_of({**files, "requirements.txt": "pytest"})
    assert [reason.partition(":")[0] for reason in environment.why_open] == list(files)


TYPES = ["1", "'text'", "[1]", "[[]]", "{}", "{a = 1}", "{a = {a = 1}}", "[{a = 1}]", "true", "2020-01-01"]
ROUTES = [
    "project",
    "project.name",
    "project.dynamic",
    "project.dependencies",
    "project.optional-dependencies",
    "project.entry-points",
    "project.requires-python",
    "dependency-groups",
    "tool",
    "tool.uv",
    "tool.uv.sources",
    "tool.uv.dev-dependencies",
    "tool.uv.constraint-dependencies",
    "tool.pdm",
    "tool.pdm.dev-dependencies",
    "tool.poetry",
    "tool.poetry.name",
    "tool.poetry.dependencies",
    "tool.poetry.dependencies.python",
    "tool.poetry.extras",
    "tool.poetry.group",
    "tool.poetry.group.test",
    "tool.poetry.group.test.dependencies.x",
    "tool.hatch",
    "tool.hatch.envs",
    "tool.hatch.envs.x",
    "tool.hatch.envs.x.features",
    "tool.setuptools.dynamic",
    "tool.setuptools.dynamic.dependencies",
    "tool.tox",
    "tool.tox.env",
    "tool.tox.env.x.deps",
    "tool.tox.legacy_tox_ini",
]


@pytest.mark.parametrize("value", TYPES)
@pytest.mark.parametrize("route", ROUTES)
def test_no_type_of_value_is_too_strange(route: str, value: str, environment_of: EnvironmentOf) -> None:
    environment = environment_of({PYPROJECT: f"{route} = {value}\n", "requirements.txt": "pytest\n"})
    assert environment.presence("pytest") == "yes"
    assert environment.presence("pytest-sugar") in ("no", "unknown")


MONSTERS: dict[str, dict[str, str | bytes | None]] = {
    "thousands of groups that include the next one": {
        PYPROJECT: "[dependency-groups]\n"
        + "".join(f'g{number} = [{{include-group = "g{number + 1}"}}]\n' for number in range(3000))
    },
    "more requirements than anybody writes": {"environment.yml": "dependencies:\n" + "- pytest\n" * 40_000},
    "tox sections that each name the next one twice": {
        "tox.ini": "".join(
            f"[testenv:x{number}]\ndeps =\n    {{[testenv:x{number + 1}]deps}}\n    {{[testenv:x{number + 1}]deps}}\n"
            for number in range(100)
        )
        + "[testenv:x100]\ndeps = pytest\n"
    },
    "tox tables that each name the next one twice": {
        "tox.toml": "".join(
            f'env.x{number}.deps = [{{replace = "ref", of = ["env", "x{number + 1}", "deps"]}},'
            f' {{replace = "ref", of = ["env", "x{number + 1}", "deps"]}}]\n'
            for number in range(100)
        )
        + 'env.x100.deps = ["pytest"]\n'
    },
    "texts that double": {
        "setup.py": "a0 = 'pytest'\n"
        + "".join(f"a{number + 1} = a{number} + a{number}\n" for number in range(60))
        + "setup(install_requires=a45)\n"
    },
    "names that stand for each other": {"setup.py": "a = b\nb = a\nsetup(install_requires=a)\n"},
}


@pytest.mark.parametrize("files", MONSTERS.values(), ids=MONSTERS)
def test_a_monster_is_not_followed_for_long(
    files: dict[str, str | bytes | None], environment_of: EnvironmentOf
) -> None:
    environment = environment_of({**files, "requirements.txt": "pytest\n"})
    assert environment.presence("pytest") == "yes"
    assert not environment.closed
