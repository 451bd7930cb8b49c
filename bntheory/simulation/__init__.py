"""Simulations of the real systems, in PyTorch.

``laws`` says how hidden values are distributed, ``batches`` normalizes many batches at once,
``sampling`` adds them up until a question is decided, ``estimators`` says what is measured on them,
and ``extrapolation`` takes their size to infinity.
"""

from bntheory.simulation.batches import Batch, Layer
from bntheory.simulation.estimators import Loss, excess_loss, statistics
from bntheory.simulation.extrapolation import coefficient, limit
from bntheory.simulation.laws import LAWS, Law
from bntheory.simulation.run import Run
from bntheory.simulation.sampling import Estimate, precise, settled

__all__ = [
    "LAWS",
    "Batch",
    "Estimate",
    "Law",
    "Layer",
    "Loss",
    "Run",
    "coefficient",
    "excess_loss",
    "limit",
    "precise",
    "settled",
    "statistics",
]
