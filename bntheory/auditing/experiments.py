"""What trained networks say of Section 5: the claims of its figures, from the files they left.

``python -m bntheory.figures fig2ab --data DIR --output fig2ab.png`` trains and leaves its numbers
and what became of each claim in ``fig2ab.json``.  That takes hours on a GPU, so that an audit reads
such files and makes none.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from bntheory import cli

#: The figure that a statement in words is about, where that is not its own name, and how those of
#: its claims begin that the statement makes.
FIGURES = {"sec2-removal": ("fig2cd", "BN has less validation loss than WN + ")}


@dataclass(frozen=True)
class Claim:
    """A claim about trained networks, and what became of it.

    Attributes
    ----------
    text : str
    form : {"printed", "derived"}
    verdict : {"confirmed", "refuted", "inconclusive"}
    """

    text: str
    form: str
    verdict: str


@dataclass(frozen=True)
class Experiment:
    """A figure that was made.

    Attributes
    ----------
    figure : str
        Its id.
    data : str
        The images.
    epochs : int
        How long each network was trained.
    claims : tuple of Claim
    """

    figure: str
    data: str
    epochs: int
    claims: tuple[Claim, ...]

    @property
    def printed(self) -> tuple[Claim, ...]:
        """What the paper claims."""
        return tuple(claim for claim in self.claims if claim.form == "printed")


def figure_of(id: str) -> str | None:
    """Return the figure whose networks a statement speaks of."""
    from bntheory import experiments

    figure, _ = FIGURES.get(id, (id, ""))
    return figure if figure in experiments.available() else None


def load(folder: Path, id: str) -> Experiment | None:
    """Return what networks say of a statement, or None where its figure is not in the folder.

    Raises
    ------
    bntheory.cli.RequestError
        If the file is none that a figure left, or its images or networks are none that the paper
        speaks of.
    """
    figure, start = figure_of(id), FIGURES.get(id, (id, ""))[1]
    path = folder / f"{figure}.json"
    if figure is None or not path.exists():
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        claims = tuple(
            Claim(each["claim"], each["form"], each["verdict"])
            for each in found["claims"]
            if each["claim"].startswith(start)
        )
        made = Experiment(found["id"], found["data"], int(found["epochs"]), claims)
        width = found["settings"]["width"]
    except (OSError, ValueError, TypeError, LookupError) as error:
        why = f"it has no {error}" if isinstance(error, LookupError) else str(error)
        raise cli.RequestError(f"{str(path)!r} is not what a figure leaves: {why}") from None
    if made.figure != figure:
        raise cli.RequestError(f"{str(path)!r} is of {made.figure}, not of {figure}")
    if not made.data.startswith(("CIFAR", "ImageNet")):
        raise cli.RequestError(
            f"{str(path)!r} is of {made.data}: the paper speaks of CIFAR-10 and ImageNet"
        )
    if width is not None:
        raise cli.RequestError(
            f"{str(path)!r} was made with --width {width}: the paper speaks of other networks"
        )
    return made
