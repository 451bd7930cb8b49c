"""A row of the audit: all that is said about a statement."""

from __future__ import annotations

from dataclasses import dataclass

from bntheory.auditing.evidence import Evidence
from bntheory.auditing.judging import Judgement, judge
from bntheory.auditing.ranges import gaps
from bntheory.auditing.wording import because
from bntheory.gap import Gap


@dataclass(frozen=True)
class Row:
    """A statement, what there is to judge it by, and the judgement.

    Attributes
    ----------
    evidence : Evidence
    judgement : Judgement
    because : str
        Why, in a sentence.
    gaps : tuple of Gap
        For what does not hold as printed, by how much it is off.
    """

    evidence: Evidence
    judgement: Judgement
    because: str
    gaps: tuple[Gap, ...]

    @property
    def id(self) -> str:
        return self.evidence.statement.id

    @property
    def verdict(self) -> str:
        return self.judgement.verdict

    @property
    def sound(self) -> bool:
        """Whether everything of our own holds."""
        return self.evidence.sound


def row(evidence: Evidence) -> Row:
    """Judge a statement, and say why."""
    judgement = judge(evidence)
    off = () if judgement.verdict in ("holds", "open") else tuple(gaps(evidence, judgement))
    return Row(evidence, judgement, because(evidence, judgement), off)
