"""The data file beside a figure: points are kept as they are made, and taken up again."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bntheory import cli
from bntheory.panels.panel import Settings
from bntheory.panels.points import Training

Point = dict[str, Any]


class NoData(ValueError):
    """A file is there that is not the data of a figure."""


@dataclass
class Store:
    """The data of a figure, and the file that holds them.

    Attributes
    ----------
    path : Path
    head : dict
        Id, title, settings, device, versions: points belong to those with the same head alone.
    points : list of dict
    """

    path: Path
    head: dict[str, Any]
    points: list[Point] = field(default_factory=list)

    def resume(self) -> None:
        """Take up the points of the file, if it is there.

        Raises
        ------
        NoData
            If it is no such file, or was made with other settings.
        """
        if not self.path.exists():
            return
        found = _read(self.path)
        other = [name for name, value in self.head.items() if found[name] != value]
        if other:
            raise NoData(
                f"{str(self.path)!r} was made with other {other[0]}; move it away or name another "
                "file with --output"
            )
        self.points = found["points"]

    def has(self, training: Training) -> bool:
        """Whether the points of a training are there."""
        return bool(self.of(training))

    def of(self, training: Training) -> list[Point]:
        """Return the points of a training, which are all there or not at all."""
        epochs = list(training.epochs)
        mine = [
            point
            for point in self.points
            if (point["label"], point["settings"], point["alpha"])
            == (training.label, training.settings, training.alpha)
        ]
        return mine if [point["epoch"] for point in mine] == epochs else []

    def write(self, curves: list[dict[str, Any]], claims: list[dict[str, Any]]) -> None:
        """Write the file, in one piece.

        Parameters
        ----------
        curves, claims : list of dict
            What else is known of the figure.

        Raises
        ------
        bntheory.cli.RequestError
            If it cannot be written.
        """
        data = {**self.head, "points": self.points, "curves": curves, "claims": claims}
        text = json.dumps(finite(data), ensure_ascii=False, allow_nan=False, indent=1)
        cli.write_file(str(self.path), text + "\n")


def head(id: str, title: str, settings: Settings) -> dict[str, Any]:
    """Return what has to agree for points to belong together."""
    return {
        "id": id,
        "title": title,
        "settings": settings.as_data(),
        "device": settings.device,
        "versions": versions(),
    }


def versions() -> dict[str, str]:
    """Return the versions of what computes."""
    from importlib.metadata import version
    from platform import python_version

    from bntheory import __version__

    found = {"bntheory": __version__, "python": python_version()}
    return found | {name: version(name) for name in ("torch", "numpy")}


def _read(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        for name in ("id", "title", "settings", "device", "versions"):
            data[name]
        for point in data["points"]:
            for name in ("label", "settings", "alpha", "epoch", "error", "standard_error"):
                point[name]
    except OSError as error:
        raise NoData(f"cannot read {str(path)!r}: {error.strerror}") from None
    except (ValueError, TypeError, LookupError, RecursionError):
        raise NoData(
            f"{str(path)!r} is damaged, or not the data of a figure; move it away or name another "
            "file with --output"
        ) from None
    found: dict[str, Any] = data
    return found


def finite(data: Any) -> Any:
    """Return data with None for what JSON has no number for: a curve that diverges."""
    if isinstance(data, dict):
        return {name: finite(value) for name, value in data.items()}
    if isinstance(data, list):
        return [finite(value) for value in data]
    return None if isinstance(data, float) and not math.isfinite(data) else data
