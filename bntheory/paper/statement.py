"""A statement, of the paper or of another: its relations as text, its assumptions, its place."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

#: Of the paper that this toolkit is about, in ``references.bib``.
PAPER = "luo2019"


@dataclass(frozen=True)
class Link:
    """A value that the paper carries from a printed relation to another place.

    Attributes
    ----------
    symbol : str
        What it is called there.
    source : str
        The id of the statement that it comes from.
    relation : int
        The number of the relation of that statement, from 0.
    through : str
        What is made of the left-hand side of that relation.
    at : tuple of (str, str)
        Values that are put in afterwards, one after the other; limits from below.
    """

    symbol: str
    source: str
    relation: int
    through: str
    at: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Use:
    """A place where the paper builds on what a statement says.

    Attributes
    ----------
    by : str
        The id of the statement that builds on it.
    relation : int
        The number of the relation of that statement, from 0.
    links : tuple of Link
        What enters there, and where it comes from.
    """

    by: str
    relation: int
    links: tuple[Link, ...]


@dataclass(frozen=True)
class Statement:
    """One statement, of the paper unless it says otherwise.

    Attributes
    ----------
    id : str
        Its name everywhere in the toolkit, for instance ``prop4``.
    title : str
        What it is about, in a few words.
    where : str
        Its place in the paper, for instance ``App. C.7, Prop. 4``.
    relations : tuple of str
        The printed relations, each readable by ``sympify(text, locals=bntheory.notation.SYMBOLS)``.
        Empty for a claim in words or a description of an experiment.
    assumptions : tuple of str
        The assumptions that are printed with it.
    text : str
        What is printed in words.
    aliases : tuple of str
        Other ids that mean the same statement.
    uses : tuple of Use
        Where the paper builds on it, or on what it says in another place.
    claims : bool
        Whether it says that something is so, and not only what was done.
    source : str
        The paper, by its key in ``references.bib``.
    """

    id: str
    title: str
    where: str
    relations: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    text: str = ""
    aliases: tuple[str, ...] = ()
    uses: tuple[Use, ...] = ()
    claims: bool = True
    source: str = PAPER

    @property
    def place(self) -> str:
        """Its place, and in which paper where that is another one."""
        if self.source == PAPER:
            return self.where
        from bntheory.paper.sources import short

        return f"{short(self.source)}, {self.where}"

    @cached_property
    def printed(self) -> tuple[Any, ...]:
        """The printed relations as SymPy objects."""
        from bntheory.notation import read

        return tuple(map(read, self.relations))

    @property
    def uncertain(self) -> bool:
        """Whether a reading of the source is a guess, in a relation or in the text."""
        return "[?]" in self.text or any("uncertain(" in relation for relation in self.relations)


GAUSSIAN_INPUT = "x ~ N(0, I/N)"
SMALL_RATE = "eta is small enough that the terms in eta^2 can be neglected"
RELU = "the activation is ReLU"
