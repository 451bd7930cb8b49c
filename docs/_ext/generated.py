"""Sources of pages that are generated: written where they changed; others are not read anew."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def fill(folder: Path, files: Mapping[str, bytes]) -> None:
    """Let a folder have these files and no others; one that is there already is left alone."""
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        path = folder / name
        if not path.exists() or path.read_bytes() != content:
            path.write_bytes(content)
    for path in folder.iterdir():
        if path.name not in files and path.is_file():
            path.unlink()
