"""What is installed: what files declare, and what the team's settings add to it."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

from precollect import catalog
from precollect.findings import Place
from precollect.reading.environment import Declared, Environment, versions
from precollect.settings import Settings


class Installed:
    """The declared environment as the settings complete it."""

    def __init__(self, declared: Environment, settings: Settings, opened: str = "") -> None:
        """`opened`: why more may be installed for one call of pytest, whatever is declared; "" for no reason."""
        self._declared = declared
        self._settings = settings
        self._opened = opened

    @cached_property
    def _added(self) -> dict[str, str]:
        """Normalised name → pinned version ("" for any) of `plugins` in the settings."""
        if not self._settings.plugins:
            return {}
        from packaging.requirements import Requirement
        from packaging.utils import canonicalize_name

        added = {}
        for text in self._settings.plugins:
            requirement = Requirement(text)
            pins = [part.version for part in requirement.specifier if part.operator == "=="]
            pinned = pins and versions.is_version(pins[0])  # "==1.*" is no version
            added[str(canonicalize_name(requirement.name))] = pins[0] if pinned else ""
        return added

    @property
    def closed(self) -> bool:
        """Whether everything that is installed is known by name."""
        return not self._opened and (self._settings.environment == "closed" or self._declared.closed)

    @property
    def why_open(self) -> tuple[str, ...]:
        """Why more may be installed than is known; () where nothing can be."""
        if self._opened:
            return (self._opened,)
        return () if self.closed else self._declared.why_open

    @property
    def unknown_plugins(self) -> tuple[Declared, ...]:
        """Declared distributions that look like plugins and that the catalog does not hold."""
        return () if self._settings.environment == "closed" else self._declared.unknown_plugins

    @cached_property
    def present(self) -> frozenset[str]:
        """The distributions that are certainly installed; normalised."""
        return self._declared.present | self._added.keys()

    @property
    def names(self) -> frozenset[str]:
        """The distributions that files or settings name directly, normalised."""
        return self._declared.names | self._added.keys()

    def declared(self, name: str) -> tuple[Declared, ...]:
        """Every place that names the distribution as a requirement, whichever environment it belongs to."""
        return self._declared.declared(name)

    def locked(self, name: str) -> tuple[Place, ...]:
        """Where the lock files of the test environment hold the distribution."""
        return self._declared.locked(name)

    def carriers(self, name: str) -> tuple[str, ...]:
        """The declared distributions that bring it along, normalised."""
        return self._declared.carriers(name)

    def settled(self, name: str) -> bool:
        """Whether the team's settings say that a distribution is installed, or which version is judged; normalised."""
        return name in self._added or (name == "pytest" and self._settings.pytest is not None)

    def declares(self, name: str) -> bool:
        """Whether a distribution is named itself, rather than brought along by another; normalised."""
        return name in self.names or bool(self.declared(name))

    def presence(self, name: str) -> Literal["yes", "no", "unknown"]:
        """Whether a distribution is installed; "no" only where files prove it."""
        if name in self._added:
            return "yes"
        found = self._declared.presence(name)
        if self._opened:
            return "unknown" if found == "no" else found
        closed = self._settings.environment == "closed" and not self._declared.declared(name)
        return "no" if found == "unknown" and closed else found

    def versions(self, name: str) -> tuple[str, ...]:
        """The versions that may be installed, ascending; () where they are not known."""
        if name == "pytest" and self._settings.pytest:
            return (self._settings.pytest,)
        if self._added.get(name):
            return (self._added[name],)
        return self._declared.versions(name)


def releases(name: str) -> tuple[str, ...] | None:
    """The releases of a distribution that the catalog knows, ascending; None where it does not hold it."""
    known = catalog.load(name)
    return known.releases if known is not None else None
