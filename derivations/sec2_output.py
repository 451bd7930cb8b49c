"""A neuron with larger output is decayed more (Sec. 2.1): the part of the decay from mu_B.

It is the mean of A''(h_bar)/(2 M), which is the sigmoid for softplus.
"""

from __future__ import annotations

from functools import cache

from bntheory.activations import Activation
from bntheory.derivation import Derivation
from bntheory.notation import SYMBOLS, sigmoid
from bntheory.proof import Proof
from derivations import c2
from derivations.batch import M, h, h_bar


@cache
def derive(activation: Activation | None = None) -> Derivation:
    """Derive how the strength of a sample grows with h_bar."""
    d = Proof("sec2-output", activation)
    curvature = d.cite(c2.derive())["A_second"].doit()
    strength = d.substitute("A sample adds", curvature / (2 * M), {h: h_bar})
    slope = d.differentiate("which grows with h_bar as", strength, h_bar)
    d.sign("that is, it grows", slope, ">")
    bent = curvature.subs(h, h_bar)
    return d.conclude(
        [{sigmoid(h_bar): bent}, {sigmoid(h_bar): bent}, {SYMBOLS["strength_by_output"]: slope}],
        strength=strength,
    )
