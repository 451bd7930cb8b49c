"""What belongs in a panel: curves, trained students, and the claims that are made about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Literal

#: Extensions of a picture's file, and the metadata by which two pictures of the same data would
#: differ.
FORMATS: dict[str, dict[str, None]] = {
    ".png": {},
    ".svg": {"Date": None},
    ".pdf": {"CreationDate": None},
}


@dataclass(frozen=True)
class Curve:
    """A theory curve.

    Attributes
    ----------
    id, label : str
        What claims call it, and what the legend does.
    theory : str
        One of :data:`bntheory.learning_curves.THEORIES`.
    arguments : mapping
        What :func:`bntheory.learning_curves.curves` is given besides the loads.
    color, line : str
        As in matplotlib.
    width : float
        In points.
    """

    id: str
    label: str
    theory: str
    arguments: Mapping[str, float]
    color: str
    line: str = "-"
    width: float = 1.6


@dataclass(frozen=True)
class Method:
    """A student that is trained at every load.

    Attributes
    ----------
    id, label : str
        What claims call it, and what the legend does.
    method : {"sgd", "wn", "bn", "bn-std", "bn-rms"}
        See :mod:`bntheory.simulation.gradients`.
    epochs : tuple of int
        When its error is measured; after the last it stops.
    marker : str
        As in matplotlib.
    edge : str
        The color of the marker's edge and of the error bar.
    colors : tuple of str
        What the marker is filled with, for each time.
    batch : int or None
        M; None for all samples in every step.
    zeta : float
        The decay of gamma.
    """

    id: str
    label: str
    method: str
    epochs: tuple[int, ...]
    marker: str
    edge: str
    colors: tuple[str, ...]
    batch: int | None = None
    zeta: float = 0.0


@dataclass(frozen=True)
class Claim:
    """Something that is said about a panel, to be decided by its numbers.

    Attributes
    ----------
    text : str
        A sentence.
    form : {"printed", "derived"}
        Whether the paper says so, or what is derived here does.
    of, to : str
        The id of a curve, or of a method, followed by ``@`` and the epoch.
    relation : {"on", "below"}
        Whether ``of`` lies on ``to``, or nowhere above it.
    """

    text: str
    form: Literal["printed", "derived"]
    of: str
    relation: Literal["on", "below"]
    to: str


@dataclass(frozen=True)
class Panel:
    """A panel.

    Attributes
    ----------
    student : {"linear", "relu"}
        The activation function of the student; the teacher is linear.
    S : float
        Variance of the teacher's noise.
    loads : tuple of float
        Where students are trained.
    curves, methods, claims : tuple
        What is drawn and said.
    replicas : int
        How many students are trained for a point, unless the user says so.
    x, y : tuple of float
        The ends of the axes.
    poles : tuple of float
        The loads at which curves diverge.
    marks : mapping
        Loads to be marked, by what they are.
    notes : tuple of str
        Lines below the legend.
    """

    student: str
    S: float
    loads: tuple[float, ...]
    curves: tuple[Curve, ...]
    methods: tuple[Method, ...]
    claims: tuple[Claim, ...]
    replicas: int
    x: tuple[float, float]
    y: tuple[float, float]
    poles: tuple[float, ...] = ()
    marks: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def least_neurons(self) -> int:
        """The least N at which there is a batch of samples at every load."""
        needed = max(method.batch or 2 for method in self.methods)
        return next(N for N in count(1) if round(min(self.loads) * N) >= needed)


@dataclass(frozen=True)
class Settings:
    """What the user chooses.

    Attributes
    ----------
    neurons, replicas, seed : int
        N, how many students are trained for a point, and the seed of all random numbers.
    device : {"cpu", "cuda"}
    """

    neurons: int
    replicas: int
    seed: int
    device: str

    def as_data(self) -> dict[str, Any]:
        """Return them as they stand in the data file, where the device stands beside them."""
        return {"neurons": self.neurons, "replicas": self.replicas, "seed": self.seed}
