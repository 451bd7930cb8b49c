"""Generalization error against load: closed forms, and replica-symmetric saddle points.

``curves`` computes any of them over arrays of load, noise and decay, as a labelled result that can
be plotted; ``saddle_point`` solves for one; ``capacity`` says where the training error leaves its
least value, and ``almeida_thouless`` at which temperature replica symmetry ceases to be stable.
"""

from __future__ import annotations

from bntheory.learning_curves.capacity import capacity
from bntheory.learning_curves.continuation import NotConverged
from bntheory.learning_curves.curves import THEORIES, curves
from bntheory.learning_curves.saddle import SaddlePoint, branches, saddle_point
from bntheory.learning_curves.stability import almeida_thouless

__all__ = [
    "THEORIES",
    "NotConverged",
    "SaddlePoint",
    "almeida_thouless",
    "branches",
    "capacity",
    "curves",
    "saddle_point",
]
