"""The statements of Luo, Wang, Shao and Peng (ICLR 2019) as printed, in the paper's order.

This is the only place where a result stands typed by hand, and it stands here only to be compared
with.  A relation is kept as text and becomes SymPy on first use, so that listing the statements
needs no SymPy.  Where the source leaves a reading open, the doubtful part is wrapped in
``uncertain(...)``, or ``[?]`` stands in the text: it is a guess of ours and never counts against
the authors.

Formulas come first, with the proofs of Theorem 1 (App. C.1-C.4) after Section 4 and App. D; claims
in words and experiments follow.
"""

from __future__ import annotations

from bntheory.paper import appendix_c, section2, section3, section4, section5
from bntheory.paper.statement import GAUSSIAN_INPUT, RELU, SMALL_RATE, Statement

__all__ = [
    "GAUSSIAN_INPUT",
    "RELU",
    "SMALL_RATE",
    "STATEMENTS",
    "Statement",
    "UnknownStatement",
    "find",
]

#: The statements in the paper's order.
STATEMENTS: tuple[Statement, ...] = (
    *section2.FORMULAS,
    *section3.FORMULAS,
    *section4.FORMULAS,
    *appendix_c.FORMULAS,
    *section2.CLAIMS,
    *section3.CLAIMS,
    *section5.EXPERIMENTS,
)

#: By id.
BY_ID: dict[str, Statement] = {statement.id: statement for statement in STATEMENTS}

_BY_NAME: dict[str, Statement] = {
    id: statement for statement in STATEMENTS for id in (statement.id, *statement.aliases)
}


class UnknownStatement(KeyError):  # noqa: N818 - the name says it
    """No statement has the id that was asked for; the message names the nearest ids."""

    def __str__(self) -> str:
        return str(self.args[0])


def find(id: str) -> Statement:
    """Find a statement by its id or by an alias, in any case of letters.

    Parameters
    ----------
    id : str
        For instance ``prop4``, ``eq3`` or ``Table1-BN``.

    Returns
    -------
    Statement
        The statement that answers to it.

    Raises
    ------
    UnknownStatement
        A ``KeyError``, if there is none.
    """
    try:
        return _BY_NAME[id.lower()]
    except KeyError:
        raise UnknownStatement(_no_statement(id)) from None


def _no_statement(id: str) -> str:
    from difflib import get_close_matches

    if len(id) > 40:
        return f"no statement {id[:37] + '...'!r}; ids look like eq1, thm1, prop4 or table1-bn"
    nearest = get_close_matches(id.lower(), _BY_NAME, n=3, cutoff=0.5)
    if nearest:
        return f"no statement {id!r}; did you mean {', '.join(nearest)}?"
    return f"no statement {id!r}; ids look like eq1, thm1, prop4 or table1-bn"
