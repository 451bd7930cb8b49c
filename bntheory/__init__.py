"""A toolkit that re-derives *Towards Understanding Regularization in Batch Normalization*.

Luo, Wang, Shao and Peng, ICLR 2019.  For every statement of the paper::

    import bntheory

    bntheory.statement("prop4")            # as printed
    bntheory.statement("prop4").derive()   # from first principles, each step checked
    bntheory.statement("thm1").validate()  # measured on real batch normalization

or, from a shell, ``bntheory derive prop4`` and ``bntheory validate thm1``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bntheory.rendering.notebook import StatementView

__version__ = "0.1.0"
__all__ = ["__version__", "statement"]


def statement(id: str) -> StatementView:
    """Return a statement of the paper, to look at and to derive.

    Parameters
    ----------
    id : str
        For instance ``prop4``, ``eq13`` or ``table1-bn``, in any case of letters; ``bntheory
        derive --list`` lists them.

    Returns
    -------
    StatementView
        Shows the statement as printed; its ``derive`` derives it and its ``validate`` measures it.

    Raises
    ------
    bntheory.paper.UnknownStatement
        A ``KeyError``, if there is none; the message names the nearest ids.
    """
    import derivations
    from bntheory.rendering.notebook import StatementView

    return StatementView(derivations.find(id))
