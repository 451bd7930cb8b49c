"""One thin file per statement: first principles, checked steps, result.

A module with a function ``derive(activation)`` derives the statement of its name (``_`` for ``-``).
Where the paper has no such statement, the module declares it: ``STATEMENT = Statement(...)``, of
literals alone.  A new file is a new derivation; there is no list to keep.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from bntheory import paper
from bntheory.paper import Statement
from bntheory.paper.files import statements_in

if TYPE_CHECKING:
    from bntheory.activations import Activation
    from bntheory.derivation import Derivation


class NotDerived(LookupError):
    """The statement exists and is not derived yet."""


def available() -> dict[str, Statement]:
    """Return the statements that are derived so far: the paper's in its order, then the others."""
    return statements_in(__path__, "derive", paper.BY_ID)


def find(id: str) -> Statement:
    """Return a statement of the paper or beyond it.

    Raises
    ------
    bntheory.paper.UnknownStatement
        No statement has this id.
    """
    return available().get(id.lower()) or paper.find(id)


def derive(id: str, activation: Activation | None = None) -> Derivation:
    """Derive a statement.

    Parameters
    ----------
    id : str
        An id or alias of :data:`bntheory.paper.STATEMENTS`, or one beyond the paper.
    activation : Activation, optional
        The activation function; without one, the one that the paper states it for.

    Raises
    ------
    bntheory.paper.UnknownStatement
        No statement has this id.
    NotDerived
        The statement exists and is not derived yet.
    """
    statement = find(id)
    if statement.id not in available():
        raise NotDerived(
            f"{statement.id} is not derived yet; derived so far: {', '.join(available())}"
        )
    module = import_module(f"derivations.{statement.id.replace('-', '_')}")
    derivation: Derivation = module.derive() if activation is None else module.derive(activation)
    return derivation
