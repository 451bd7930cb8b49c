"""A function to generate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

PAPER = "Luo et al. 2019"


@dataclass(frozen=True)
class Function:
    """A function to generate.

    Attributes
    ----------
    name : str
    arguments : tuple of str
        Names of symbols, in the order of the signature.
    expr : Expr or Tuple
        What it returns, as derived.
    fast : Expr or Tuple
        The same in the form to evaluate in float64, where that differs.
    summary : str
        The first line of its docstring.
    returns : tuple of str
        What each returned quantity is.
    source : str
        The place in the paper.
    domain : mapping
        Where an argument has to lie, if not as in :data:`bntheory.formula.DOMAINS`: lower end,
        upper end, and whether the lower end is left out.
    """

    name: str
    arguments: tuple[str, ...]
    expr: Any
    fast: Any
    summary: str
    returns: tuple[str, ...]
    source: str
    domain: Mapping[str, tuple[float, float, bool]] = field(default_factory=dict)
