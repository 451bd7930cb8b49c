"""A statement in a notebook: shown as printed, derived and validated on demand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bntheory.derivation import Derivation
from bntheory.paper import Statement
from bntheory.rendering import html, latex, markdown, outline, text
from bntheory.rendering.document import Formula

if TYPE_CHECKING:
    from bntheory.verdict import Validation


@dataclass(frozen=True, repr=False)
class StatementView:
    """A statement of the paper as it is printed, to derive and to validate.

    Attributes
    ----------
    statement : Statement
        Its id, place, relations and assumptions.
    """

    statement: Statement

    def derive(self, activation: Any = None) -> Derivation:
        """Derive the statement from first principles.

        Parameters
        ----------
        activation : Activation, str, Expr or callable, optional
            The activation function: a name (``"relu"``), an expression in x (``"max(x, x/10)"``),
            a SymPy expression in one symbol, or a Python function that takes a SymPy symbol.
            Without one, the one that the paper states it for.

        Returns
        -------
        Derivation
            Shows its steps and checks in a notebook; ``str`` of it is the text.

        Raises
        ------
        bntheory.activations.UnknownActivation
            A ``ValueError``, if ``activation`` cannot be read.
        derivations.NotDerived
            If the statement is not derived yet.
        """
        import derivations
        from bntheory.activations import of

        chosen = None if activation is None else of(activation)
        return derivations.derive(self.statement.id, chosen)

    def validate(
        self, device: str = "cpu", neurons: int | None = None, seed: int = 2019
    ) -> Validation:
        """Measure the statement on the real system, in PyTorch.

        Parameters
        ----------
        device : {"cpu", "cuda"}
            Where the simulation runs.
        neurons : int, optional
            The size of the networks; without it, what each measurement takes of itself.
        seed : int
            The same seed on the same device gives the same numbers.

        Returns
        -------
        Validation
            ``str`` of it is the text.

        Raises
        ------
        validation.NotValidated
            If the statement is not validated yet.
        ValueError
            If there is no such device, or the size is not positive.
        """
        import validation

        return validation.validate(self.statement.id, device, neurons, seed)

    def __repr__(self) -> str:
        return text.write(outline.of_statement(self.statement)).rstrip("\n")

    def _repr_html_(self) -> str:
        return html.fragment(outline.of_statement(self.statement))

    def _repr_markdown_(self) -> str:
        return markdown.write(outline.of_statement(self.statement))

    def _repr_latex_(self) -> str:
        blocks = outline.of_statement(self.statement).opening
        shown = [latex.display(block) for block in blocks if isinstance(block, Formula)]
        if not shown:
            return latex.escape(self.statement.text)
        return r"$\displaystyle \begin{gathered} " + r" \\ ".join(shown) + r" \end{gathered}$"
