"""The verdict on a statement, from what was derived and what was measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bntheory.auditing.differences import Difference, differences
from bntheory.auditing.evidence import Evidence
from bntheory.auditing.experiments import Experiment
from bntheory.verdict import Check

Verdict = Literal["holds", "holds-approximately", "misprint", "fails", "open"]
VERDICTS: tuple[Verdict, ...] = ("holds", "holds-approximately", "misprint", "fails", "open")

#: Why: what :mod:`bntheory.auditing.wording` turns into a sentence.
Reason = Literal[
    "ours-failed",  # a step or a prediction of ours
    "nothing-said",  # it describes, and claims nothing
    "trained",  # by networks
    "untrained",  # some of its claims take longer training
    "nothing-known",  # neither derived nor measured
    "guessed",  # the source is damaged where it matters
    "misprint",
    "refuted",
    "undecided",  # print and derivation differ, and nothing measured tells
    "scale",
    "limit",
    "sometimes",  # measured: in some settings
    "approximation",  # to the order that is kept
    "agrees",
    "measured",
]


@dataclass(frozen=True)
class Judgement:
    """A verdict with its reason.

    Attributes
    ----------
    verdict : str
        One of :data:`VERDICTS`.
    reason : str
    differences : tuple of Difference
        Where print and derivation differ.
    confirmed, refuted : tuple of Check
        What was measured of the print, and counts.
    """

    verdict: Verdict
    reason: Reason
    differences: tuple[Difference, ...] = ()
    confirmed: tuple[Check, ...] = ()
    refuted: tuple[Check, ...] = ()


def judge(evidence: Evidence) -> Judgement:
    """Judge a statement.

    A reading of a damaged place is not counted against the authors: where all that is printed has
    one, nothing that is measured refutes it, and the statement stays open.  ``misprint`` takes a
    place of the paper that builds on the derived form, ``fails`` a measurement that refutes.
    """
    found = tuple(differences(evidence))
    checks = evidence.printed_checks
    confirmed = tuple(check for check in checks if check.verdict == "confirmed")
    refuted = tuple(check for check in checks if check.verdict == "refuted")
    guessed = evidence.read_by_guess and not any(map(_for_any_reading, refuted))

    def verdict(verdict: Verdict, reason: Reason) -> Judgement:
        return Judgement(verdict, reason, found, confirmed, refuted)

    kinds = {difference.kind for difference in found}
    if not evidence.sound:
        return verdict("open", "ours-failed")
    if not evidence.statement.claims:
        return verdict("open", "nothing-said")
    if evidence.experiment is not None:
        return verdict(*_of_networks(evidence.experiment))
    if evidence.derivation is None and evidence.validation is None:
        return verdict("open", "nothing-known")
    if guessed and (refuted or _misread(evidence)):
        return verdict("open", "guessed")
    if "misprint" in kinds and kinds <= {"misprint", "scale", "limit"}:
        return verdict("misprint", "misprint")
    if kinds == {"scale"}:
        return verdict("holds", "scale")
    if refuted and not confirmed:
        return verdict("fails", "refuted")
    if kinds and kinds <= {"limit", "scale"}:
        return verdict("holds-approximately", "limit")
    if refuted:
        return verdict("holds-approximately", "sometimes")
    if kinds:
        return verdict("open", "undecided")
    if any(comparison.agrees for comparison in evidence.comparisons):
        if evidence.approximations:
            return verdict("holds-approximately", "approximation")
        return verdict("holds", "agrees")
    if confirmed and len(confirmed) == len(checks):
        return verdict("holds", "measured")
    return verdict("open", "nothing-known")


def _of_networks(experiment: Experiment) -> tuple[Verdict, Reason]:
    """Judge claims about trained networks: one that is undecided leaves the statement open."""
    verdicts = {claim.verdict for claim in experiment.printed}
    if not verdicts or "inconclusive" in verdicts:
        return "open", "untrained"
    if verdicts == {"confirmed"}:
        return "holds", "trained"
    return ("fails" if verdicts == {"refuted"} else "holds-approximately"), "trained"


def _for_any_reading(check: Check) -> bool:
    """Whether the prediction is the same whatever is read at the damaged places."""
    return bool(check.settings.get("any_reading"))


def _misread(evidence: Evidence) -> bool:
    return any(comparison.open_reading for comparison in evidence.comparisons)
