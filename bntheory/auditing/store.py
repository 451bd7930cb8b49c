"""Measurements that are kept, so that an audit that was interrupted goes on where it stopped.

Each statement has a file of its own.  It counts only where seed, device, version and the code that
measures are the same.
"""

from __future__ import annotations

import json
import math
import os
from dataclasses import dataclass, field
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

from bntheory import __version__, cli
from bntheory.verdict import Check, Validation

ROOT = Path(__file__).parents[2]
#: What a measurement does not depend on: rooms, and commands.
APART = {
    *("auditing", "rendering", "panels", "nn", "codegen"),
    *("derive.py", "validate.py", "audit.py", "figures.py", "cli.py", "gap.py"),
}


def default_folder() -> Path:
    """Return where measurements are kept unless told: in the user's cache."""
    cache_home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(cache_home) / "bntheory" / "audit"


@dataclass(frozen=True)
class Store:
    """Where measurements are kept.

    Attributes
    ----------
    folder : Path
    seed : int
    device : str
    """

    folder: Path
    seed: int = 2019
    device: str = "cpu"
    key: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        key = {"seed": self.seed, "device": self.device, "version": __version__, "code": _code()}
        object.__setattr__(self, "key", key)

    def path(self, id: str) -> Path:
        """Return the file of a statement."""
        return self.folder / f"{id}.{self.device}.{self.seed}.json"

    def make(self) -> None:
        """Make the folder, if it is not there.

        Raises
        ------
        bntheory.cli.RequestError
            If it cannot be made.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise cli.RequestError(
                f"cannot write {str(self.folder)!r}: {error.strerror}; name another --state"
            ) from None

    def load(self, id: str) -> Validation | None:
        """Return what was measured of a statement, or None: also for a file that is damaged."""
        try:
            data = json.loads(self.path(id).read_text(encoding="utf-8"))
            return read(data["validation"]) if data["key"] == self.key else None
        except (OSError, ValueError, TypeError, LookupError):
            return None

    def save(self, validation: Validation) -> None:
        """Keep what was measured, in one piece.

        Raises
        ------
        bntheory.cli.RequestError
            If it cannot be written.
        """
        from bntheory.rendering.validation import data

        words = {name: getattr(validation, name) for name in ("title", "where", "about")}
        text = json.dumps({"key": self.key, "validation": {**data(validation), **words}})
        self.make()
        cli.write_file(str(self.path(validation.id)), text + "\n")


def read(data: dict[str, Any]) -> Validation:
    """Return a validation from its JSON."""
    checks = tuple(map(_check, data["checks"]))
    words = {name: data.get(name, "") for name in ("title", "where", "about")}
    return Validation(
        id=data["id"],
        checks=checks,
        seed=data["seed"],
        device=data["device"],
        versions=data["versions"],
        seconds=data["seconds"],
        **words,
    )


def _check(data: dict[str, Any]) -> Check:
    numbers = {
        name: math.nan if data[name] is None else float(data[name])
        for name in ("predicted", "measured", "standard_error", "margin")
    }
    return Check(
        data["system"], data["quantity"], form=data["form"], settings=data["settings"], **numbers
    )


@cache
def _code() -> str:
    """Return a digest of the code that measurements depend on."""
    digest = blake2b(digest_size=8)
    for top in ("bntheory", "derivations", "validation"):
        for path in sorted((ROOT / top).rglob("*.py")):
            parts = path.relative_to(ROOT).parts
            if not APART & set(parts):
                digest.update("/".join(parts).encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()
