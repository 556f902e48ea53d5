"""Commits are refused, mended and accepted, by real git with the real pre-commit and the real prek."""

from __future__ import annotations

from end_to_end.repositories import DISABLERS, FOUR, Repository

SOUND = "[pytest]\naddopts = --strict-markers\n"
UNREGISTERED = "import pytest\n\n\n@pytest.mark.nightly\ndef test_one():\n    assert True\n"
REGISTERING = 'def pytest_configure(config):\n    config.addinivalue_line("markers", "nightly: runs at night")\n'
REQUIREMENTS = "pytest==8.4.2\n"


def test_a_commit_that_hides_every_test_is_refused_mended_and_accepted(repository: Repository) -> None:
    repository.use_hooks(*FOUR)
    repository.add_example()
    before = repository.read("pytest.ini")

    refused = repository.run("git", "commit", "-m", "compatibility")

    assert refused.returncode != 0
    assert "pytest.ini:12:8: disabled-plugin-mark: " in refused.stdout
    assert "'asyncio' not found in `markers` configuration option" in refused.stdout
    assert repository.head() == "hooks"

    mended = repository.run("precollect", "--fix")

    assert mended.returncode == 1
    assert repository.read("pytest.ini") == before.replace(DISABLERS, "")
    assert repository.git("diff", "--name-only").split() == ["pytest.ini"]

    repository.git("add", "pytest.ini")
    accepted = repository.run("git", "commit", "-m", "compatibility")

    assert accepted.returncode == 0, accepted.stdout
    assert repository.head() == "compatibility"


def test_a_hook_with_fix_refuses_the_commit_and_leaves_the_mended_file(repository: Repository) -> None:
    repository.use_hooks("pytest-plugin-disablers", args="[--fix]")
    repository.add_example()
    before = repository.read("pytest.ini")

    refused = repository.run("git", "commit", "-m", "compatibility")

    assert refused.returncode != 0
    assert "files were modified by this hook" in refused.stdout.lower()
    assert repository.read("pytest.ini") == before.replace(DISABLERS, "")

    repository.git("add", "pytest.ini")
    assert repository.run("git", "commit", "-m", "compatibility").returncode == 0


def test_what_is_staged_is_judged_and_not_what_the_work_tree_has(repository: Repository) -> None:
    repository.use_hooks("precollect")
    repository.add_example()
    broken = repository.read("pytest.ini")
    repository.write("pytest.ini", broken.replace(DISABLERS, ""))

    refused = repository.run("git", "commit", "-m", "broken in the index only")

    assert refused.returncode != 0
    assert "disabled-plugin-mark" in refused.stdout
    assert repository.read("pytest.ini") == broken.replace(DISABLERS, "")


def test_what_is_not_staged_breaks_no_commit(repository: Repository) -> None:
    repository.use_hooks("precollect")
    repository.add_example()
    broken = repository.read("pytest.ini")
    repository.write("pytest.ini", broken.replace(DISABLERS, ""))
    repository.git("add", "pytest.ini")
    repository.write("pytest.ini", broken)

    accepted = repository.run("git", "commit", "-m", "sound in the index")

    assert accepted.returncode == 0, accepted.stdout
    assert repository.read("pytest.ini") == broken


def test_an_untracked_file_breaks_no_commit(repository: Repository) -> None:
    repository.use_hooks("precollect")
    repository.write("pytest.ini", SOUND)
    repository.write("requirements.txt", REQUIREMENTS)
    repository.git("add", "--all")
    repository.write("test_draft.py", UNREGISTERED)

    accepted = repository.run("git", "commit", "-m", "settings")

    assert accepted.returncode == 0, accepted.stdout


def test_deleting_the_conftest_that_registers_a_mark_is_refused(repository: Repository) -> None:
    repository.use_hooks("precollect")
    repository.write("pytest.ini", SOUND)
    repository.write("requirements.txt", REQUIREMENTS)
    repository.write("conftest.py", REGISTERING)
    repository.write("test_one.py", UNREGISTERED)
    repository.git("add", "--all")
    assert repository.run("git", "commit", "-m", "tests").returncode == 0

    repository.git("rm", "--quiet", "conftest.py")
    refused = repository.run("git", "commit", "-m", "tidy up")

    assert refused.returncode != 0
    assert "test_one.py:4:2: unregistered-mark: " in refused.stdout
    assert repository.head() == "tests"


def test_a_commit_of_named_files_is_judged_as_it_will_be(repository: Repository) -> None:
    """`git commit FILE` hands hooks an index of its own, which holds only the files that are named."""
    repository.use_hooks("precollect")
    repository.write("pytest.ini", SOUND)
    repository.write("requirements.txt", REQUIREMENTS)
    repository.write("test_one.py", "def test_one():\n    assert True\n")
    repository.git("add", "--all")
    assert repository.run("git", "commit", "-m", "tests").returncode == 0
    repository.write("test_one.py", UNREGISTERED)
    repository.write("pytest.ini", SOUND + "markers = nightly\n")

    refused = repository.run("git", "commit", "-m", "the test alone", "--", "test_one.py")
    accepted = repository.run("git", "commit", "-m", "both", "--", "test_one.py", "pytest.ini")

    assert refused.returncode != 0
    assert "unregistered-mark" in refused.stdout
    assert accepted.returncode == 0, accepted.stdout


def test_a_linked_work_tree_is_judged_by_its_own_files(repository: Repository) -> None:
    repository.use_hooks("precollect")
    repository.git("worktree", "add", "--quiet", "../linked", "-b", "linked")
    for name, text in {"pytest.ini": SOUND, "requirements.txt": REQUIREMENTS, "test_one.py": UNREGISTERED}.items():
        repository.write(f"../linked/{name}", text)
    repository.run("git", "add", "--all", folder="../linked")

    refused = repository.run("git", "commit", "-m", "tests", folder="../linked")

    assert refused.returncode != 0
    assert "test_one.py:4:2: unregistered-mark: " in refused.stdout


def test_a_commit_from_a_subfolder_is_judged_from_the_root(repository: Repository) -> None:
    repository.use_hooks("precollect")
    repository.add_example()

    refused = repository.run("git", "commit", "-m", "compatibility", folder="src/courier")

    assert refused.returncode != 0
    assert "pytest.ini:12:8: disabled-plugin-mark: " in refused.stdout


def test_all_files_are_judged_whatever_is_staged(repository: Repository) -> None:
    repository.use_hooks(*FOUR)
    repository.add_example()
    repository.git("commit", "--quiet", "--no-verify", "-m", "compatibility")

    failed = repository.run(repository.runner, "run", "--all-files")

    assert failed.returncode != 0
    assert "disabled-plugin-mark" in failed.stdout

    repository.write("pytest.ini", repository.read("pytest.ini").replace(DISABLERS, ""))
    passed = repository.run(repository.runner, "run", "--all-files")

    assert passed.returncode == 0, passed.stdout


def test_settings_that_are_wrong_stop_the_commit_with_a_clear_line(repository: Repository) -> None:
    repository.use_hooks("precollect")
    repository.write("precollect.toml", "max-rerunz = 3\n")
    repository.git("add", "--all")

    refused = repository.run("git", "commit", "-m", "settings")

    assert refused.returncode != 0
    assert "precollect.toml:1:1" in refused.stdout
    assert "max-reruns" in refused.stdout
    assert "Traceback" not in refused.stdout
