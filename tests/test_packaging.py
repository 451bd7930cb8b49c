"""The distribution holds every package of the tree, and the versions agree."""

from __future__ import annotations

import configparser
from pathlib import Path

import bntheory

ROOT = Path(__file__).parents[1]
SETUP = configparser.ConfigParser()
SETUP.read(ROOT / "setup.cfg")


def test_every_package_is_listed() -> None:
    found = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for top in ("bntheory", "derivations", "validation")
        for path in (ROOT / top).rglob("__init__.py")
    }
    assert set(SETUP["options"]["packages"].split()) == found


def test_the_version_is_the_same_everywhere() -> None:
    assert f"version: {bntheory.__version__}" in (ROOT / "CITATION.cff").read_text()
    assert bntheory.__version__ in (ROOT / "CHANGELOG.rst").read_text()


def test_the_extras_of_the_contract() -> None:
    extras = set(SETUP["options.extras_require"])
    assert {"torch", "numba", "notebook", "docs", "test", "all"} <= extras
