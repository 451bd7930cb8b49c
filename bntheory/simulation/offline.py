"""Training on P fixed samples of a noisy linear teacher, many replicas at once.

The offline simulation of Luo et al. 2019, Section 4 (Figure 1): a student is trained by gradient
descent on samples that were drawn once, with all of them in every step or with batches of M of
them, and its generalization error is computed exactly from its weights.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from bntheory.simulation.arguments import inside, whole_number
from bntheory.simulation.descent import Descent, Rates
from bntheory.simulation.gradients import STATISTICS, Network
from bntheory.simulation.run import Run
from bntheory.simulation.teacher import Samples

#: How many bytes of inputs a step takes, of as many replicas as are trained at a time: on the
#: processor what its cache keeps from one product to the next.
CHUNK = {"cpu": 2.0**23, "cuda": math.inf}

#: The standard deviation of the first weights of a ReLU student without normalization: off 0, where
#: its slope vanishes, and too small to be seen in the error.
SMALL = 0.01


@dataclass(frozen=True, eq=False)
class History:
    """What was recorded in training.

    Attributes
    ----------
    step : ndarray of int, shape (times,)
        How many steps came before.
    epoch : ndarray, shape (times,)
        The same in epochs.
    error : ndarray, shape (times, replicas)
        Generalization error, exact given the weights and without the teacher's noise.
    train_loss : ndarray, shape (times, replicas)
        Mean squared error of the training samples in evaluation mode, without decay.
    gamma2 : ndarray, shape (times, replicas)
        |w|^2/N of the effective weights.
    overlap : ndarray, shape (times, replicas)
        w.w*/N of the effective weights, which is gamma R.
    weights : Tensor, shape (replicas, N)
        The effective weights after the last step: the student's output is g(w.x + b).
    shift : Tensor, shape (replicas,)
        The b in it; 0 but for ``bn``.
    """

    step: np.ndarray
    epoch: np.ndarray
    error: np.ndarray
    train_loss: np.ndarray
    gamma2: np.ndarray
    overlap: np.ndarray
    weights: Tensor
    shift: Tensor


def train(
    samples: Samples,
    run: Run,
    name: str,
    *,
    method: str,
    student: str,
    eta: float,
    epochs: int | None = None,
    steps: int | None = None,
    batch: int | None = None,
    zeta: float = 0.0,
    decay: float = 0.0,
    momentum: float = 0.0,
    L0: float | None = None,
    gamma0: float = 1.0,
    times: Sequence[int] | None = None,
) -> History:
    """Train a student on each replica's samples.

    Parameters
    ----------
    samples : Samples
        On the device of the run; the arithmetic is in their precision.
    run : Run
        The seed and the device.
    name : str
        Replica k draws its first weights from ``run.generator(f"{name} start {k}")`` and its
        shuffles from ``run.generator(f"{name} order {k}")``, whatever the other ones are.
    method : {"sgd", "wn", "bn", "bn-std", "bn-rms"}
        See :mod:`bntheory.simulation.gradients`.
    student : {"linear", "relu"}
        The activation function.
    eta : float
        The learning rate, for the loss as the paper writes it: the mean of (y* - y)^2, not halved.
    epochs, steps : int
        How long to train; one of the two.
    batch : int, optional
        M.  The samples are shuffled in every epoch and taken M at a time; the P mod M last ones of
        an epoch are left out.  Without it every step takes all samples, and is an epoch.
    zeta : float
        The decay of gamma: zeta gamma^2 is added to the loss of ``wn``.
    decay : float
        The rate of step j, from 0, is eta/(1 + decay j).
    momentum : float
        As in ``torch.optim.SGD``.
    L0 : float, optional
        The first weights are drawn from N(0, L0^2).  Without it L0 is 1, but for ``sgd`` 0 if the
        student is linear and 0.01 if it is not.
    gamma0 : float
        The first gamma.
    times : sequence of int, optional
        When to record, in epochs if these are given and else in steps; increasing, 0 is before the
        first step.  Without it at 0 and then at five times a decade.  A record costs about half an
        epoch.

    Returns
    -------
    History
        Where training diverges, infinite values and nan are in it.

    Raises
    ------
    ValueError
        If an argument is outside its domain, or the samples are on another device.
    """
    network = Network(method, student, zeta)
    if samples.x.device.type != run.device:
        raise ValueError(f"the samples are on {samples.x.device.type}, the run is on {run.device}")
    replicas, P, N = samples.x.shape
    if batch is not None:
        batch = whole_number("batch", batch, 2, P)
    elif method in STATISTICS:
        whole_number("P", P, 2)
    if (epochs is None) == (steps is None):
        given = "neither is" if epochs is None else "both are"
        raise ValueError(f"give either epochs or steps; {given} given")
    last = whole_number("steps", steps, 1) if epochs is None else whole_number("epochs", epochs, 1)
    per_epoch = 1 if batch is None else P // batch
    unit = 1 if epochs is None else per_epoch
    from_zero = method == "sgd" and student == "linear"
    if L0 is None:
        L0 = 0.0 if from_zero else SMALL if method == "sgd" else 1.0
    rates = Rates(
        batch,
        inside("eta", eta, 0, ends="()"),
        inside("decay", decay, 0),
        inside("momentum", momentum, 0, 1),
        inside("L0", L0, 0, ends="[)" if from_zero else "()"),
        inside("gamma0", gamma0, 0, ends="()"),
    )
    step = unit * (_spaced(last) if times is None else _given(times, last))

    each = (batch or P) * N * samples.x.element_size()
    few = max(1, int(min(CHUNK[run.device] / each, replicas)))
    recorded, weights, shifts = [], [], []
    for k in range(0, replicas, few):
        descent = Descent(samples.part(k, k + few), run, name, network, rates)
        looks = []
        for until in step.tolist():
            descent.advance(until)
            measured, weight, shift = descent.look()
            looks.append(measured)
        if descent.steps < unit * last:
            descent.advance(unit * last)
            _, weight, shift = descent.look()
        recorded.append(torch.stack(looks, 1))
        weights.append(weight)
        shifts.append(shift)
    error, train_loss, gamma2, overlap = torch.cat(recorded, 2).cpu().numpy()
    effective = torch.cat(weights), torch.cat(shifts)
    return History(step, step / per_epoch, error, train_loss, gamma2, overlap, *effective)


def _spaced(last: int) -> np.ndarray:
    """Return 0 and five times a decade, as far as they are apart."""
    spaced = np.geomspace(1, last, 1 + math.ceil(5 * math.log10(last)))
    return np.unique([0, *np.rint(spaced).astype(np.int64)])


def _given(times: Sequence[int], last: int) -> np.ndarray:
    found = [whole_number("times", t, 0, last) for t in times]
    if not found:
        raise ValueError("times has no elements")
    for before, after in pairwise(found):
        if after <= before:
            raise ValueError(f"times is not increasing: {before} comes before {after}")
    return np.array(found, dtype=np.int64)
