"""What is generated for the regularizer: its functions, in the order of the paper."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

import derivations
from bntheory.codegen.far import far
from bntheory.codegen.function import PAPER, Function
from bntheory.notation import SYMBOLS

UNIT = {SYMBOLS["sigma_P"]: sp.S.One}
ABOVE_1, ABOVE_2, ABOVE_3 = ({"M": (k, float("inf"), True)} for k in (1.0, 2.0, 3.0))
ANY = (-float("inf"), float("inf"), False)  # a network may have a negative gamma
_ANY_LAW = ("z", "M", "rho", "skewness")
_DERIVATIVES = ("loss_slope", "loss_curvature", "loss_third", "loss_fourth")

#: name, statement, result, arguments, summary, returned quantity, place in the paper, domain of M
DERIVED: tuple[tuple[str, str, str, tuple[str, ...], str, str, str, dict], ...] = (
    (
        "gamma_decay",
        "thm1",
        "gamma_decay",
        ("M", "rho", "fisher_information", "mean_curvature"),
        "Decay of gamma that batch normalization amounts to, by Theorem 1",
        "zeta",
        "Thm. 1",
        {},
    ),
    (
        "inverse_std",
        "c3-moments",
        "inverse_std",
        ("M",),
        "E[1/sigma_B] of a Gaussian batch with sigma_P = 1",
        "mean",
        "App. C.3",
        ABOVE_2,
    ),
    (
        "inverse_variance",
        "c3-moments",
        "inverse_variance",
        ("M",),
        "E[1/sigma_B^2] of a Gaussian batch with sigma_P = 1",
        "mean",
        "App. C.3",
        ABOVE_3,
    ),
    *(
        (
            f"gamma_decay_linear{form}{bias}",
            id,
            f"gamma_decay_linear{form}{bias}",
            ("M",),
            f"Decay of gamma of a linear student, {how}, for half a squared error{without}",
            "zeta",
            "App. C.3",
            domain,
        )
        for form, id, how, domain in (
            ("", "c3-simple", "to order 1/M", {}),
            ("_exact", "c3-exact", "at any M", ABOVE_3),
        )
        for bias, without in (("", ""), ("_no_bias", ", without mu_B"))
    ),
    (
        "noise_shift",
        "c1-rf",
        "shift",
        ("gamma", "z", "M", "rho"),
        "E[h_hat - h_bar] in the paper's noise model, given z",
        "mean",
        "App. C.1",
        {},
    ),
    (
        "noise_spread",
        "c1-rq",
        "spread",
        ("gamma", "z", "M", "rho"),
        "E[(h_hat - h_bar)^2] in the paper's noise model, given z",
        "mean square",
        "App. C.1",
        {},
    ),
    *(
        (
            f"own_batch_{what}{kind}",
            "own-batch",
            f"{what}{kind}",
            arguments,
            f"{power}, over gamma{'^2' * (what == 'spread')}, given z, for {who}",
            returned,
            "beyond Thm. 1",
            {},
        )
        for kind, who, of_shift, of_spread in (
            ("", "a member of its batch", _ANY_LAW, _ANY_LAW),
            ("_mean_only", "mean-only BN", ("z", "M"), ("M",)),
            ("_std_only", "variance-only BN", ("z", "M", "rho"), ("z", "M", "rho")),
        )
        for what, power, returned, arguments in (
            ("shift", "E[h_hat - h_bar]", "mean", of_shift),
            ("spread", "E[(h_hat - h_bar)^2]", "mean square", of_spread),
        )
    ),
    (
        "own_batch_excess",
        "own-batch",
        "excess",
        ("gamma", *_ANY_LAW, *_DERIVATIVES[:2]),
        "What a batch adds to the loss of its own member, to order 1/M",
        "E[loss(h_hat)] - loss(h_bar)",
        "beyond Thm. 1",
        {},
    ),
    (
        "own_batch_excess_gaussian",
        "own-batch-gaussian",
        "excess",
        ("gamma", "z", "M", *_DERIVATIVES),
        "The same to order 1/M^2, for Gaussian h",
        "E[loss(h_hat)] - loss(h_bar)",
        "beyond Thm. 1",
        {},
    ),
    *(
        (
            f"own_batch_decay{kind}",
            "own-batch-decay",
            f"own_batch_decay{kind}",
            ("gamma", *law, *_DERIVATIVES[1:3]),
            f"Decay that pulls on gamma as {who}, from a sample of a true model",
            "zeta",
            "beyond Thm. 1",
            {},
        )
        for kind, who, law in (
            ("", "a batch does", _ANY_LAW),
            ("_mean_only", "mean-only BN does", ("z", "M")),
            ("_std_only", "variance-only BN does", ("z", "M", "rho")),
        )
    ),
    (
        "own_batch_decay_linear",
        "own-batch-decay",
        "own_batch_decay_linear",
        ("M", "rho"),
        "Decay that pulls on gamma of a linear student as a batch does, for half a squared error",
        "zeta",
        "beyond App. C.3",
        {},
    ),
    *(
        (
            f"gamma_at_rest{kind}",
            "own-batch-rest",
            f"gamma_at_rest{kind}",
            ("M",),
            f"gamma at rest of an aligned ReLU student, {who}",
            "gamma0",
            where,
            domain,
        )
        for kind, who, where, domain in (
            ("", "batch-normalized, to order 1/M^2", "beyond Prop. 1", {}),
            ("_mean_only", "with mean-only BN, at any M", "beyond Prop. 1", ABOVE_1),
            ("_std_only", "with variance-only BN, at any M", "beyond Prop. 1", ABOVE_3),
            ("_paper", "by Prop. 1 with the decay of Theorem 1", "Prop. 1", {}),
        )
    ),
    (
        "neuron_coupling",
        "c4",
        "coupling",
        (
            *("gamma1", "gamma2", "z1", "z2", "M", "correlation", "cokurtosis"),
            *("coskewness_12", "coskewness_21", "hessian_12"),
        ),
        "What the noise that two neurons share adds to the loss of a sample",
        "loss",
        "App. C.4",
        {},
    ),
)


def functions() -> Iterator[Function]:
    """Yield the functions of the module."""
    for name, id, result, arguments, summary, returned, source, domain in DERIVED:
        expr = sp.sympify(derivations.derive(id)[result]).subs(UNIT)
        signed = {scale: ANY for scale in ("gamma", "gamma1", "gamma2") if scale in arguments}
        where = f"{PAPER}, {source}"
        yield Function(
            name, arguments, expr, far(expr), summary, (returned,), where, domain | signed
        )
