"""Words that projects are made of: marks, options and keys, with values that are fine and values that are not."""

from __future__ import annotations

from typing import NamedTuple

OWN_MARKS = ("slow", "fast", "db", "smoke", "e2e")
PLUGIN_MARKS = {
    "asyncio": "pytest-asyncio",
    "anyio": "anyio",
    "flaky": "pytest-rerunfailures",
    "timeout": "pytest-timeout",
    "xdist_group": "pytest-xdist",
    "no_cover": "pytest-cov",
    "benchmark": "pytest-benchmark",
}

# What `-p no:NAME` may say; the empty name of a distribution is pytest's own.
DISABLERS = {
    "asyncio": "pytest-asyncio",
    "pytest_asyncio": "pytest-asyncio",
    "anyio": "anyio",
    "rerunfailures": "pytest-rerunfailures",
    "pytest_rerunfailures": "pytest-rerunfailures",
    "timeout": "pytest-timeout",
    "xdist": "pytest-xdist",
    "cov": "pytest-cov",
    "pytest_cov": "pytest-cov",
    "pytest-cov": "pytest-cov",
    "mock": "pytest-mock",
    "randomly": "pytest-randomly",
    "cacheprovider": "",
    "warnings": "",
    "logging": "",
    "doctest": "",
    "unittest": "",
    "skipping": "",
    "junitxml": "",
    "faulthandler": "",
    "terminal": "",
    "python": "",
    "mark": "",
    "main": "",
    "tmpdir": "",
    "monkeypatch": "",
    "capture": "",
    "nobody": "",
}


class Option(NamedTuple):
    """Words of the command line that some distribution defines ("": pytest); `bad`: what it refuses."""

    distribution: str
    good: tuple[tuple[str, ...], ...]
    bad: tuple[tuple[str, ...], ...] = ()


OPTIONS = (
    Option("", (("-q",), ("-v",), ("-vv",), ("-ra",), ("-rA",), ("-s",), ("-x",), ("-l",))),
    Option("", (("--tb=short",), ("--tb", "native"), ("--tb=no",)), (("--tb=brief",), ("--tb",))),
    Option("", (("--maxfail=2",), ("--maxfail", "3")), (("--maxfail=two",), ("--maxfail", "1.5"))),
    Option("", (("--durations=5",), ("--durations", "3")), (("--durations=ten",), ("--duration=5",))),
    Option("", (("--color=yes",), ("--color", "no")), (("--color=always",), ("--colour=yes",))),
    Option(
        "",
        (("--import-mode=importlib",), ("--import-mode=append",), ("--import-mode=prepend",)),
        (("--import-mode=auto",),),
    ),
    Option("", (("--capture=no",), ("--capture=sys",), ("--capture=tee-sys",)), (("--capture=none",),)),
    Option("", (("--junitxml=out.xml",), ("--junit-xml=out.xml",)), (("--junitxml",), ("--junit=out.xml",))),
    Option(
        "",
        (("--ignore=tests/old",), ("--ignore-glob=*_old.py",), ("--deselect=tests/test_a.py::test_x",)),
        (("--ignore",),),
    ),
    Option(
        "",
        (("--doctest-modules",), ("--doctest-glob=*.md",), ("--doctest-continue-on-failure",)),
        (("--doctest-module",),),
    ),
    Option(
        "",
        (("--log-level=INFO",), ("--log-cli-level=debug",), ("--log-level=20",)),
        (("--log-level=LOUD",), ("--log-cli-level=",)),
    ),
    Option("", (("--showlocals",), ("--no-header",), ("--no-summary",), ("--disable-warnings",)), (("--show-local",),)),
    Option(
        "",
        (("-W", "ignore"), ("-W", "error::DeprecationWarning"), ("-Wdefault",)),
        (("-W", "fatal"), ("-W", "error::nobody.Warning"), ("-W", "error::Nobody")),
    ),
    Option("", (("-k", "one or two or test"), ("-k", "not nothing")), (("-k", "one and"), ("-k", "(one"), ("-k",))),
    Option(
        "", (("-m", "not slow"), ("-m", "not (slow or db)")), (("-m", "not"), ("-m", "slow and"), ("-m", "not slow db"))
    ),
    Option(
        "",
        (("-o", "log_cli=true"), ("-o", "xfail_strict=true"), ("--override-ini=log_cli=false",)),
        (("-o", "log_cli"), ("-o", "nobody=1"), ("-o", "log_cli=maybe")),
    ),
    Option(
        "",
        (("-p", "pytester"), ("-p", "no:cacheprovider"), ("-p", "doctest")),
        (("-p", "nobody_here"), ("-p",), ("-p no:doctest",)),
    ),
    Option("", (("--lf",), ("--ff",), ("--nf",), ("--cache-clear",), ("--sw",)), (("--last-failures",),)),
    Option(
        "",
        (("--rootdir=.",), ("--confcutdir=.",)),
        (("--rootdir=nowhere",), ("--confcutdir=nowhere",), ("-c", "nowhere.ini")),
    ),
    Option("", (("tests",), ("./tests",)), (("tset",), ("tests/test_nobody.py",), ("#", "later"))),
    Option("", (("--assert=plain",), ("--full-trace",), ("--setup-show",)), (("--assert=none",),)),
    Option("", (("--basetemp=tmp",), ("--strict-config",)), (("--nobody",), ("-Z",), ("--strict-marker",))),
    Option(
        "pytest-cov",
        (
            ("--cov",),
            ("--cov=app",),
            ("--cov=app", "--cov-report=term-missing"),
            ("--no-cov",),
            ("--cov", "app", "--cov-branch"),
        ),
        (("--cov-report=pretty",), ("--cov-fail-under=lots",), ("--coverage",)),
    ),
    Option(
        "pytest-cov",
        (("--cov-report=xml:out/cov.xml",), ("--cov-report", "html"), ("--cov-fail-under=0",), ("--cov-append",)),
        (("--cov-report",), ("--cov-report=term:x",), ("--cov-context=line",)),
    ),
    Option(
        "pytest-xdist",
        (("-n", "0"), ("-n0",), ("--numprocesses=0",), ("--dist=loadscope",), ("--dist", "no"), ("--maxprocesses=2",)),
        (("-n", "many"), ("-n=2",), ("--dist=random",), ("-n",), ("--max-worker-restarts=1",)),
    ),
    Option(
        "pytest-timeout",
        (("--timeout=60",), ("--timeout", "30", "--timeout-method=thread"), ("--timeout-method=signal",)),
        (("--timeout=1m",), ("--timeout-method=threads",), ("--timeouts=9",)),
    ),
    Option(
        "pytest-timeout",
        (("--session-timeout=600",), ("--timeout-disable-debugger-detection",)),
        (("--session-timeout=soon",),),
    ),
    Option(
        "pytest-rerunfailures",
        (
            ("--reruns=2",),
            ("--reruns", "1", "--reruns-delay", "0"),
            ("--reruns-delay=0.5",),
            ("--only-rerun", "OSError", "--reruns=1"),
        ),
        (
            ("--reruns=two",),
            ("--reruns=1.5",),
            ("--rerun=2",),
            ("--reruns-delay=short",),
            ("--only-rerun=X(", "--reruns=1"),
            ("--reruns",),
        ),
    ),
    Option(
        "pytest-rerunfailures",
        (("--force-reruns=1",), ("--fail-on-flaky",), ("--rerun-except=AssertionError",)),
        (("--force-reruns=x",),),
    ),
    Option(
        "pytest-randomly",
        (("-p", "no:randomly"), ("--randomly-seed=7",), ("--randomly-dont-reorganize",), ("--randomly-seed=last",)),
        (("--randomly-seed=never",), ("--random-seed=7",)),
    ),
    Option(
        "pytest-asyncio",
        (("--asyncio-mode=auto",), ("--asyncio-mode", "strict"), ("--asyncio-mode=strict",)),
        (("--asyncio-mode=Auto",), ("--asyncio-mode=legacy",), ("--asyncio-mod=auto",), ("--asyncio-mode",)),
    ),
    Option("pytest-asyncio", (("--asyncio-debug",),)),
    Option("anyio", (("--anyio-mode=auto",),), (("--anyio-mod=auto",),)),
)


class Key(NamedTuple):
    """A key of the configuration; `typed`: its good values where TOML keeps types (() : as in `good`)."""

    distribution: str
    name: str
    good: tuple[str | bool | tuple[str, ...], ...]
    bad: tuple[str | bool | tuple[str, ...], ...] = ()


KEYS = (
    Key(
        "",
        "testpaths",
        (("tests",), ("tests", "src"), ("tests/*",)),
        (("test",), ("nowhere", "neither"), ("tests # all",)),
    ),
    Key(
        "",
        "python_files",
        (("test_*.py",), ("test_*.py", "*_test.py", "check_*.py"), ("*.py",)),
        (("tests_*.py",), ("",), ("check_*.py",)),
    ),
    Key("", "python_classes", (("Test*",), ("Test*", "Check*"), ("Test", "*Suite")), (("",), ("Check*",))),
    Key("", "python_functions", (("test_*",), ("test",), ("test_*", "check_*")), (("check_*",), ("tests_*",))),
    Key("", "norecursedirs", ((".git", "build"), ("old",), ("*.egg", ".*")), (("tests",), ("*",))),
    Key("", "minversion", ("7.0", "6", "7.4.4"), ("99", "10.0", "seven", ">=7")),
    Key("", "xfail_strict", (True, False), ("maybe", "true  # always")),
    Key("", "log_cli", (True, False), ("on demand", "2")),
    Key("", "log_level", ("INFO", "debug", "10"), ("LOUD", "", "INFO  # enough")),
    Key("", "log_cli_level", ("WARNING", "error"), ("NOISY",)),
    Key("", "log_format", ("%(message)s", "%(levelname)s %(message)s"), ("message", "{message}", "%(message)")),
    Key("", "log_date_format", ("%H:%M:%S",)),
    Key("", "log_file", ("run.log",)),
    Key("", "log_file_mode", ("w", "a"), ("x+", "append")),
    Key("", "console_output_style", ("classic", "progress", "count"), ("times", "Fancy", "none")),
    Key("", "junit_family", ("xunit1", "xunit2", "legacy"), ("xunit3",)),
    Key("", "junit_logging", ("no", "all"), ("some",)),
    Key("", "empty_parameter_set_mark", ("skip", "xfail", "fail_at_collect"), ("fail", "Skip")),
    Key("", "tmp_path_retention_count", ("3",), ("few",)),
    Key("", "tmp_path_retention_policy", ("all", "failed", "none"), ("some",)),
    Key("", "faulthandler_timeout", ("30", "2.5"), ("1m", "long")),
    Key("", "cache_dir", (".cache",)),
    Key("", "norecursedirs", (("build", "dist"),)),
    Key("", "pythonpath", (("src",), (".",), (".", "src"))),
    Key("", "usefixtures", (("tmp_path",), ("capsys",)), (("nobody",),)),
    Key(
        "",
        "required_plugins",
        (("pytest",), ()),
        (("pytest-nobody",), ("pytest>=99",), ("pytest_cov",), ("pytest-cov >=1",)),
    ),
    Key("", "doctest_optionflags", (("NORMALIZE_WHITESPACE", "ELLIPSIS"),), (("WHITESPACE",),)),
    Key("", "consider_namespace_packages", (True, False), ("perhaps",)),
    Key("", "verbosity_assertions", ("2",), ("high",)),
    Key("", "verbosity_test_cases", ("1",), ("high",)),
    Key("", "enable_assertion_pass_hook", (True, False), ("maybe",)),
    Key("", "disable_test_id_escaping_and_forfeit_all_rights_to_community_support", (True,)),
    Key("", "collect_imported_tests", (True, False), ("maybe",)),
    Key("", "truncation_limit_lines", ("8",)),
    Key("", "strict_xfail", (True, False)),
    Key("", "strict_parametrization_ids", (True, False)),
    Key(
        "",
        "filterwarnings",
        (
            ("error",),
            ("ignore",),
            ("error", "ignore::DeprecationWarning"),
            ("error::pytest.PytestUnknownMarkWarning",),
            ("ignore:.*old.*:DeprecationWarning",),
            ("once::UserWarning", "default"),
            ("error", "ignore::pytest.PytestConfigWarning"),
        ),
        (
            ("fatal",),
            ("error::NoSuchWarning",),
            ("error::nobody.Warning",),
            ("error:x(:UserWarning",),
            ("ignore::pytest.NoSuchWarning",),
            ("a:b:c:d:e:f",),
            ("error::UserWarning:mod:line",),
            ("ignore::int",),
        ),
    ),
    Key("", "nobody_knows", ("1",)),
    Key("", "adopts", ("-q",)),
    Key("", "marker", (("slow: takes long",),)),
    Key("", "timeout_secs", ("1",)),
    Key("pytest-asyncio", "asyncio_mode", ("auto", "strict"), ("Auto", "legacy", "", "auto # all")),
    Key(
        "pytest-asyncio",
        "asyncio_default_fixture_loop_scope",
        ("function", "session", "module"),
        ("Function", "test", ""),
    ),
    Key("pytest-asyncio", "asyncio_default_test_loop_scope", ("function", "session", "package"), ("suite",)),
    Key("pytest-asyncio", "asyncio_debug", (True, False), ("maybe",)),
    Key("pytest-timeout", "timeout", ("60", "12.5"), ("1m", "soon")),
    Key("pytest-timeout", "timeout_method", ("thread", "signal"), ("threads",)),
    Key("pytest-timeout", "timeout_func_only", (True,), ("maybe",)),
    Key("pytest-timeout", "session_timeout", ("600",), ("long",)),
    Key("pytest-rerunfailures", "reruns", ("2", "0"), ("two",)),
    Key("pytest-rerunfailures", "reruns_delay", ("1", "0.5"), ("short",)),
    Key("pytest-rerunfailures", "only_rerun", (("OSError",),)),
    Key("pytest-mock", "mock_use_standalone_module", ("false",), ("yes", "1")),
    Key("pytest-mock", "mock_traceback_monkeypatch", ("true", "false"), ("no",)),
    Key("anyio", "anyio_mode", ("auto", "strict")),
)

# What `@pytest.mark.flaky` may say.
FLAKY = (
    "",
    "(reruns=2)",
    "(reruns=1, reruns_delay=0)",
    "(2)",
    "(2, 0)",
    '(reruns="3")',
    '(reruns=2, reruns_delay="2")',
    "(max_runs=3)",
    "(reruns=2, condition=True)",
    '(reruns=2, condition="sys.version_info > (3,)")',
    '(reruns=2, only_rerun="OSError")',
    '(reruns=2, only_rerun=["OSError", "x("])',
    '(reruns=2, rerun_except="AssertionError")',
)
