"""Batch normalization itself, in mini-batches of M: rates, fixed points, trajectories.

The paper follows weight normalization with gamma decay in place of batch normalization.  Here the
statistics are those of the batch, and the gradient goes through them; ``derive bn-dynamics`` is
where the equations come from.

>>> from bntheory.batch_dynamics import fixed_point
>>> print(fixed_point([4, 16, 64]).gamma0.values.round(4))
[0.8212 0.9541 0.9884]
"""

from bntheory.batch_dynamics.fixed_points import fixed_point, resting
from bntheory.batch_dynamics.sampled import sampled
from bntheory.batch_dynamics.trajectories import rates, trajectory

__all__ = ["fixed_point", "rates", "resting", "sampled", "trajectory"]
