"""What there is to judge a statement by: its derivation, and what was measured about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bntheory.auditing.experiments import Experiment, figure_of
from bntheory.paper import Statement
from bntheory.verdict import Check, Validation

if TYPE_CHECKING:
    from bntheory.comparison import Comparison
    from bntheory.derivation import Derivation


@dataclass(frozen=True)
class Evidence:
    """A statement, and what is known about it.

    Attributes
    ----------
    statement : Statement
    derivation : Derivation or None
        None where there is none.
    validation : Validation or None
        None where nothing is measured, or was not in this audit.
    measurable : bool
        Whether there is a measurement of it, made in this audit or not.
    experiment : Experiment or None
        Networks that were trained, where it speaks of such.
    """

    statement: Statement
    derivation: Derivation | None = None
    validation: Validation | None = None
    measurable: bool = False
    experiment: Experiment | None = None

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """The printed relations beside the derived ones."""
        return () if self.derivation is None else self.derivation.comparisons

    @property
    def printed_checks(self) -> tuple[Check, ...]:
        """The measurements that speak of what is printed."""
        return self._checks("printed")

    @property
    def derived_checks(self) -> tuple[Check, ...]:
        """The measurements that speak of what is derived."""
        return self._checks("derived")

    @property
    def figure(self) -> str | None:
        """The figure whose networks it speaks of."""
        return figure_of(self.statement.id)

    @property
    def approximations(self) -> tuple[str, ...]:
        """The orders of what the derivation drops on its way."""
        steps = () if self.derivation is None else self.derivation.steps
        dropped = (step.approximation for step in steps if step.approximation is not None)
        return tuple(dict.fromkeys(dropped))

    @property
    def read_by_guess(self) -> bool:
        """Whether every printed relation has a place that the source leaves open."""
        relations = self.statement.relations
        return bool(relations) and all("uncertain(" in relation for relation in relations)

    @property
    def sound(self) -> bool:
        """Whether every step of ours holds, and no prediction of ours is refuted."""
        derived = self.derivation is None or self.derivation.passed
        return derived and (self.validation is None or self.validation.passed)

    def _checks(self, form: str) -> tuple[Check, ...]:
        checks = () if self.validation is None else self.validation.checks
        return tuple(check for check in checks if check.form == form)


def gathered(
    statement: Statement,
    validation: Validation | None = None,
    experiment: Experiment | None = None,
) -> Evidence:
    """Derive a statement where that is possible, and put its measurements beside it."""
    import derivations
    import validation as measurements

    derived = statement.id in derivations.available()
    return Evidence(
        statement,
        derivations.derive(statement.id) if derived else None,
        validation,
        statement.id in measurements.available(),
        experiment,
    )
