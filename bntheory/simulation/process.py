"""What an online process is: its arguments, each inside its domain, and how its result is labelled.

The networks of :mod:`.online` and the processes of :mod:`.order_parameters` share both.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bntheory import __version__, memory
from bntheory.activations import Activation
from bntheory.dynamics import arguments
from bntheory.dynamics.results import labelled as variable
from bntheory.simulation.arguments import inside, one_of, whole_number
from bntheory.simulation.functions import chosen

if TYPE_CHECKING:
    import xarray as xr

METHODS = {
    "sgd": "plain SGD",
    "wn": "weight normalization with gamma decay",
    "bn": "batch normalization",
}


@dataclass(frozen=True)
class Process:
    """Online SGD of a teacher and a student.

    Attributes
    ----------
    method : {"sgd", "wn", "bn"}
    student : Activation
        g, without free parameters.
    N, M : int
        Inputs, and samples of a step.
    eta, zeta, epsilon : float
        Learning rate, decay of gamma, and what batch normalization adds to the variance of w.x.
    gamma, misalignment, L : float
        Scale, 1 - R, and length of w over sqrt(N), at the start.
    steps : array of int, shape (times,)
        After how many steps it is looked at.
    replicas, seed : int
    """

    method: str
    student: Activation
    N: int
    M: int
    eta: float
    zeta: float
    epsilon: float
    gamma: float
    misalignment: float
    L: float
    steps: np.ndarray
    replicas: int
    seed: int

    @classmethod
    def of(cls, method: str, activation: Any, t: Any, **given: Any) -> Process:
        """Return the process that is asked for.

        Raises
        ------
        ValueError
            Naming the argument that is outside its domain, its value and the domain.
        """
        one_of("method", method, METHODS, "methods")
        N = whole_number("N", given["N"], 2)
        M = whole_number("M", given["M"], 2 if method == "bn" else 1)
        zeta = inside("zeta", given["zeta"], 0)
        if zeta and method != "wn":
            raise ValueError(f"zeta = {zeta:g}, but {METHODS[method]} has no decay, zeta = 0")
        epsilon = inside("epsilon", given["epsilon"], 0)
        if epsilon and method != "bn":
            raise ValueError(f"epsilon = {epsilon:g}, but {METHODS[method]} has none, epsilon = 0")
        if method == "sgd" and given["gamma"] != 1:
            raise ValueError("gamma is given, but plain SGD has none: its L plays gamma")
        return cls(
            method,
            chosen(activation, given["slope"]),
            N,
            M,
            inside("eta", given["eta"], 0, ends="()"),
            zeta,
            epsilon,
            inside("gamma", given["gamma"], 0, ends="()"),
            float(arguments.misalignment(given["R"], given["misalignment"])),
            inside("L", given["L"], 0, ends="()"),
            np.rint(arguments.times(t) * N).astype(np.int64),
            whole_number("replicas", given["replicas"], 1),
            whole_number("seed", given["seed"], 0),
        )

    @property
    def start(self) -> tuple[float, float, float]:
        """gamma, R L and L sqrt(1 - R^2)."""
        m = self.misalignment
        return self.gamma, self.L * (1 - m), self.L * math.sqrt(m * (2 - m))

    def fits(self, each: int, device: str = "cpu", shared: int = 0) -> None:
        """Refuse more replicas of so many bytes, and results of theirs, than memory holds.

        ``shared`` is what is needed besides, for however many.

        Raises
        ------
        ValueError
            Naming how many would fit.
        """
        each += 3 * 8 * 8 * len(self.steps)
        what = f" with N = {self.N} and M = {self.M}"

        def needed(count: int) -> int:
            return count * each + shared

        memory.require("replicas", self.replicas, needed, device, what)


def labelled(process: Process, state: np.ndarray) -> xr.Dataset:
    """Return gamma, R L and L sqrt(1 - R^2), shape (replicas, times, 3), as a labelled result."""
    import xarray as xr

    gamma, along, aside = np.moveaxis(state, 2, 0)
    with np.errstate(all="ignore"):  # where it diverges
        L = np.hypot(along, aside)
        small = aside**2 / (L * (L + along))  # 1 - R, with all its digits where R > 0
        found = {"R": along / L, "misalignment": np.where(along > 0, small, 1 - along / L), "L": L}
    if process.method != "sgd":
        found["gamma"] = gamma
    dims = ("replica", "t")
    coords = {
        "replica": np.arange(process.replicas),
        "t": variable("t", ("t",), process.steps / process.N),
    }
    about = {
        "title": f"online {METHODS[process.method]}",
        "method": process.method,
        "activation": process.student.name,
        "library": f"bntheory {__version__}",
    }
    names = ("N", "M", "eta", "zeta", "epsilon", "seed")
    about |= {name: getattr(process, name) for name in names}
    return xr.Dataset(
        {name: variable(name, dims, values) for name, values in found.items()}, coords, about
    )
