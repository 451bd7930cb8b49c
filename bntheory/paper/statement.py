"""A statement of the paper: its relations as text, its assumptions, its place."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Statement:
    """One numbered statement of the paper.

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
    """

    id: str
    title: str
    where: str
    relations: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    text: str = ""
    aliases: tuple[str, ...] = ()

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
