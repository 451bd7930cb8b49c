"""Batch normalization against gamma decay, ReLU student (Sec. 4.1, Fig. 1b).

The paper's noise model with sigma_B alone: half of the fields are positive, so that the decay is
half of that of the linear student, 1/(4 M).  ReLU is homogeneous, g(h/sigma_B) = g(h)/sigma_B, and
h and -h are equally likely: the expected loss of a batch is again that of the samples with the
product of output and label times k = E[sigma_B]/sigma_P.  Its least weights are k times those of
plain gradient descent, whatever these are: the curve of Fig. 1(b) without decay, shrunk.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from bntheory.activations import RELU, Activation
from bntheory.derivation import Derivation
from bntheory.notation import SYMBOLS
from bntheory.proof import Proof
from derivations import bn_linear, eq18, thm1
from derivations.batch import rho
from derivations.bn_linear import shrinkage
from derivations.generalization import epsilon, gamma, zeta
from derivations.model import FIELDS, v

fisher, mean_curvature = SYMBOLS["fisher_information"], SYMBOLS["mean_curvature"]
training, output, product = (
    SYMBOLS[name] for name in ("loss", "mean_square_output", "mean_product")
)


@cache
def derive(activation: Activation | None = None) -> Derivation:
    """Derive the decay of the paper, and the error of what the loss of batches is least at."""
    d = Proof("bn-relu", activation)
    general = d.cite(thm1.derive())["gamma_decay"]
    information = d.expect(
        "I(gamma) of the squared error, the mean of its second derivative in gamma",
        2 * RELU.derivative(v) ** 2 * v**2, FIELDS, fisher,
    )
    decay = d.substitute(
        "Without mu_B, for Gaussian h, the decay of Theorem 1 is", general,
        {fisher: information, mean_curvature: sp.S.Zero, rho: sp.S.Zero}, zeta,
    )
    d.cite(bn_linear.derive())
    scaled = d.differentiate(
        "The loss of batches has k in the product with the label: with weights k c times those of "
        "least training loss, its slope in c",
        (shrinkage * gamma) ** 2 * output - 2 * shrinkage * (shrinkage * gamma) * product,
        gamma,
    )
    plain = d.differentiate(
        "and that of the training loss", gamma**2 * output - 2 * gamma * product, gamma
    )
    d.rewrite("They have the ratio", scaled / plain, sp.cancel)
    shrunk = d.substitute(
        "So batches shrink the student by k, and its error is",
        d.cite(eq18.derive())["error_relu"], {gamma: shrinkage * gamma}, epsilon,
    )
    d.remark(
        "The paper's 1/(4 M) is the noise model's. The loss of batches has no such decay: its "
        "least weights are those of plain gradient descent times k (bn-linear)."
    )
    return d.conclude({zeta: decay}, decay=decay, batch_relu=shrunk)
