"""The audit: what became of each statement of the paper, computed from derivation and measurement.

:mod:`~bntheory.auditing.evidence` collects what there is, :mod:`~bntheory.auditing.judging` gives
the verdict, :mod:`~bntheory.auditing.wording` says why in a sentence.  No verdict is written down
anywhere: what is printed stands in :mod:`bntheory.paper`, and everything else follows.
"""

from __future__ import annotations

from bntheory.auditing.evidence import Evidence, gathered
from bntheory.auditing.judging import VERDICTS, Judgement, judge
from bntheory.auditing.row import Row, row

__all__ = ["VERDICTS", "Evidence", "Judgement", "Row", "gathered", "judge", "row"]
