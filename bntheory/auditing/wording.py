"""Why a verdict is what it is, in a sentence."""

from __future__ import annotations

from collections import Counter

from bntheory import paper
from bntheory.auditing.differences import Difference
from bntheory.auditing.evidence import Evidence
from bntheory.auditing.judging import Judgement
from bntheory.gap import apart
from bntheory.verdict import Check


def because(evidence: Evidence, judgement: Judgement) -> str:
    """Return the sentence."""
    return _SENTENCES[judgement.reason](evidence, judgement)


def _ours_failed(evidence: Evidence, judgement: Judgement) -> str:
    if evidence.derivation is not None and not evidence.derivation.passed:
        return "A step of this toolkit's own derivation fails its check, so nothing can be said."
    return "A prediction that this toolkit derives is refuted, so nothing can be said."


def _nothing_known(evidence: Evidence, judgement: Judgement) -> str:
    if evidence.validation is not None:
        return f"It is not derived, and what was measured does not decide: {_tally(evidence)}."
    if evidence.measurable:
        return "It is not derived, and was not measured in this audit."
    if evidence.figure is not None:
        return (
            "It speaks of trained networks, which this audit was not given: python -m "
            f"bntheory.figures {evidence.figure} --data DIR trains them."
        )
    missing = (
        "a derivation and a measurement are"
        if evidence.statement.relations
        else ("a measurement, on networks and data of the size that it speaks of, is")
    )
    return f"Nothing here speaks of it: {missing} missing."


def _nothing_said(evidence: Evidence, judgement: Judgement) -> str:
    return "It describes what was done and claims nothing; the figures here are made in that way."


def _trained(evidence: Evidence, judgement: Judgement) -> str:
    return f"{_training(evidence)}, {_decided(evidence)}."


def _untrained(evidence: Evidence, judgement: Judgement) -> str:
    experiment = evidence.experiment
    assert experiment is not None
    undecided = sum(claim.verdict == "inconclusive" for claim in experiment.printed)
    each = "one is" if undecided == 1 else f"{undecided} are"
    return (
        f"{_training(evidence)}, {_decided(evidence)}, and {each} undecided: python -m "
        f"bntheory.figures {experiment.figure} --data DIR trains longer."
    )


def _training(evidence: Evidence) -> str:
    experiment = evidence.experiment
    assert experiment is not None
    return f"After {experiment.epochs} epochs on {experiment.data}"


def _decided(evidence: Evidence) -> str:
    printed = () if evidence.experiment is None else evidence.experiment.printed
    counts = Counter(claim.verdict for claim in printed)
    said = [f"{counts[each]} {each}" for each in ("confirmed", "refuted") if counts[each]]
    return f"of {len(printed)} claims {' and '.join(said) or 'none is decided'}"


def _guessed(evidence: Evidence, judgement: Judgement) -> str:
    agreed = all(comparison.agrees for comparison in evidence.comparisons)
    reading = (
        "Read as it is here, it agrees with the paper's own argument"
        if agreed
        else "Read as it is here, it is not what is derived"
    )
    measured = f"; measured, {_counts(judgement)}" if judgement.refuted else ""
    return (
        f"The source is damaged where it matters, so this is not held against the authors. "
        f"{reading}{measured}."
    )


def _misprint(evidence: Evidence, judgement: Judgement) -> str:
    first = next(d for d in judgement.differences if d.kind == "misprint")
    assert first.use is not None
    place = paper.find(first.use.by)
    measured = f" Measured, {_counts(judgement)}." if judgement.refuted else ""
    return (
        f"{_relation(evidence, first)} differs from what is derived by "
        f"{_shown(first)}, and the paper itself has the derived form: "
        f"{place.where} ({place.id}) follows from that, and not from the print.{measured}"
    )


def _refuted(evidence: Evidence, judgement: Judgement) -> str:
    agrees = bool(evidence.comparisons) and not judgement.differences
    start = "It follows by the paper's own argument, but is refuted" if agrees else "It is refuted"
    checks = evidence.derived_checks
    right = sum(check.verdict == "confirmed" for check in checks)
    times = "" if right == 1 else f" in all {right} settings"
    instead = ""
    if right and right == len(checks):
        instead = f"; what is derived in its place is confirmed{times}"
    number = len(judgement.refuted)
    settings = {1: "the one setting measured", 2: "both settings measured"}.get(
        number, f"all {number} settings measured"
    )
    return f"{start} in {settings}, by {_worst(judgement.refuted)}{instead}."


def _undecided(evidence: Evidence, judgement: Judgement) -> str:
    first = next(d for d in judgement.differences if d.kind in ("outright", "misprint"))
    measured = "nothing measured refutes it" if evidence.validation else "nothing is measured here"
    return f"{_relation(evidence, first)} is not what is derived, but {measured}."


def _scale(evidence: Evidence, judgement: Judgement) -> str:
    words = judgement.differences[0].words
    return (
        f"It agrees with the derivation where {words}, that is for another factor before the loss "
        "that is printed with it."
    )


def _limit(evidence: Evidence, judgement: Judgement) -> str:
    said = "; ".join(
        f"{_relation(evidence, difference)} leaves out {_shown(difference)}, which vanishes beside "
        f"the rest as {difference.words}"
        for difference in judgement.differences
        if difference.kind == "limit"
    )
    measured = f"; measured, {_counts(judgement)}" if judgement.refuted else ""
    return f"{said}{measured}."


def _sometimes(evidence: Evidence, judgement: Judgement) -> str:
    agrees = any(comparison.agrees for comparison in evidence.comparisons)
    start = "Under its assumptions it is what is derived; measured" if agrees else "Measured"
    if judgement.differences:
        start = "Derived, it holds in part; measured"
    return f"{start}, {_counts(judgement)}."


def _approximation(evidence: Evidence, judgement: Judgement) -> str:
    dropped = ", ".join(evidence.approximations).replace("**", "^")
    also = _also(evidence, judgement)
    return f"It is what is derived, up to what is dropped on the way: {dropped}{also}."


def _agrees(evidence: Evidence, judgement: Judgement) -> str:
    open_readings = sum(comparison.open_reading for comparison in evidence.comparisons)
    apart_from = ", apart from what the source leaves open" if open_readings else ""
    return f"It is what is derived{apart_from}{_also(evidence, judgement)}."


def _measured(evidence: Evidence, judgement: Judgement) -> str:
    return f"It is not derived; measured, {_counts(judgement)}."


def _also(evidence: Evidence, judgement: Judgement) -> str:
    if judgement.confirmed:
        return f", and {_counts(judgement)} where measured"
    right = [check for check in evidence.derived_checks if check.verdict == "confirmed"]
    if not right:
        return ""
    settings = "one setting" if len(right) == 1 else f"{len(right)} settings"
    return f", and that is confirmed in {settings}"


def _counts(judgement: Judgement) -> str:
    right, wrong = len(judgement.confirmed), len(judgement.refuted)
    if not wrong:
        return "it is confirmed" if right == 1 else f"it is confirmed in all {right} settings"
    if not right:
        settings = "the one setting" if wrong == 1 else f"all {wrong} settings"
        return f"it is refuted in {settings}, by {_worst(judgement.refuted)}"
    settings = "one setting" if right == 1 else f"{right} settings"
    return (
        f"it is confirmed in {settings} and refuted in {'one' if wrong == 1 else wrong}, by "
        f"{_worst(judgement.refuted)}"
    )


def _worst(checks: tuple[Check, ...]) -> str:
    """Say how far the print is off at its worst; a printed 0 has no size to compare with."""
    worst = max(checks, key=lambda check: apart(check.predicted, check.measured))
    most = "up to " if len(checks) > 1 else ""
    if worst.predicted == 0:
        return f"{most}{abs(worst.measured):.2g} ({worst.quantity}, {worst.system})"
    return f"{most}{apart(worst.predicted, worst.measured):.0%} ({worst.system})"


def _tally(evidence: Evidence) -> str:
    validation = evidence.validation
    checks = () if validation is None else validation.checks
    return ", ".join(
        f"{sum(check.verdict == verdict for check in checks)} {verdict}"
        for verdict in ("confirmed", "refuted", "inconclusive")
    )


def _shown(difference: Difference) -> str:
    """Return what is derived less what is printed."""
    return str(difference.comparison.difference).replace("**", "^")


def _relation(evidence: Evidence, difference: Difference) -> str:
    several = len(evidence.comparisons) > 1
    return f"Relation ({difference.number})" if several else "The printed relation"


_SENTENCES = {
    "ours-failed": _ours_failed,
    "nothing-known": _nothing_known,
    "nothing-said": _nothing_said,
    "trained": _trained,
    "untrained": _untrained,
    "guessed": _guessed,
    "misprint": _misprint,
    "refuted": _refuted,
    "undecided": _undecided,
    "scale": _scale,
    "limit": _limit,
    "sometimes": _sometimes,
    "approximation": _approximation,
    "agrees": _agrees,
    "measured": _measured,
}
