"""The dynamics of the order parameters: trajectories, fixed points, stability.

The state is integrated as (gamma, 1 - R, L), with the generated rates and Jacobian: near the fixed
point 1 - R keeps its digits, which R does not.  Arrays of learning rates, decays or starting points
are integrated in one call.

>>> from bntheory.dynamics import trajectory
>>> run = trajectory("bn", R=0.1, eta=0.5, zeta=0.25, t=50)
>>> round(float(run.online_error[-1]), 4)
0.0311
"""

from bntheory.dynamics.fixed_points import eigenvalues, fixed_point, stability_map
from bntheory.dynamics.trajectories import trajectory

__all__ = ["eigenvalues", "fixed_point", "stability_map", "trajectory"]
