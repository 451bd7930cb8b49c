"""Section 3 and App. C.5-C.7: the online teacher-student model and its stability.

App. C.5 writes Q for gamma.
"""

from __future__ import annotations

from bntheory.paper.statement import GAUSSIAN_INPUT, RELU, SMALL_RATE, Link, Statement, Use

_RATES = (
    "Eq(dgamma_dt, eta*I1(gamma, R)/gamma - eta*zeta*gamma)",
    "Eq(dR_dt, eta*gamma/L**2*I3(gamma, R) - eta*R/L**2*I1(gamma, R)"
    " - eta**2*gamma**2*R/(2*L**4)*I2(gamma, R))",
    "Eq(dL_dt, eta**2*gamma**2/(2*L**3)*I2(gamma, R))",
)
_LIMIT = "N -> oo"

#: What Prop. 3 makes of (15): the slope of I2 at the fixed point.
_ALIGNED = (("R", "1"), ("gamma", "gamma0"))
_SLOPE_OF_I2 = Link("I2_R", "eq15", 0, "Derivative(I2(gamma, R), R)", _ALIGNED)

#: Prop. 2 has the eigenvalue whose value Prop. 3 prints, from (13) and Prop. 1.
_EIGENVALUE_OF_GAMMA = (
    Link("lambda_gamma", "prop3", 0, "lambda_gamma"),
    Link("I1_gamma", "eq13", 0, "Derivative(I1(gamma, R), gamma)", _ALIGNED),
    Link("gamma0", "prop1", 0, "gamma0"),
)

FORMULAS: tuple[Statement, ...] = (
    Statement(
        "eq5",
        "SGD step of w and gamma",
        "Sec. 3, Eq. (5)",
        (
            "Eq(Delta_w, eta*delta*(gamma*sqrt(N)/norm(w)*x - dot(w_tilde, x)/norm(w)**2*w))",
            "Eq(Delta_gamma, eta*(delta*sqrt(N)*dot(w, x)/norm(w) - zeta*gamma))",
        ),
        (GAUSSIAN_INPUT,),
        "The loss is the average over the samples of [g(w*.x) - g(sqrt(N) gamma w.x/|w|)]^2, plus "
        "zeta gamma^2; each step of SGD descends along its gradient at one sample, at rate eta. "
        "w_tilde = sqrt(N) gamma w/|w| and delta = g'(w_tilde.x) [g(w*.x) - g(w_tilde.x)].",
    ),
    Statement(
        "eq6",
        "rates of the order parameters",
        "Sec. 3, Eq. (6)",
        _RATES,
        (GAUSSIAN_INPUT, _LIMIT),
        "I1 = E[delta u], I2 = E[delta^2 x.x] and I3 = E[delta v], with u = w_tilde.x and "
        "v = w*.x.",
    ),
    Statement(
        "table1-bn",
        "fixed point and learning rates of batch normalization",
        "Sec. 3.1, Table 1",
        (
            "Eq(R0, 1)",
            "Eq(eta_max_bn, ((gamma0*I3_R - I1_R)/gamma0 - zeta*gamma0)/(I2_R/2))",
            "Eq(eta_eff_bn, eta*gamma0/L0**2)",
        ),
        text="The fixed point is (gamma0, 1, L0).",
    ),
    Statement(
        "table1-wn",
        "fixed point and learning rates of weight normalization",
        "Sec. 3.1, Table 1",
        (
            "Eq(gamma0, 1)",
            "Eq(R0, 1)",
            "Eq(eta_max_wn, (I3_R - I1_R)/(I2_R/2))",
            "Eq(eta_eff_wn, eta/L0**2)",
        ),
        text="The fixed point is (1, 1, L0).",
    ),
    Statement(
        "table1-sgd",
        "fixed point and learning rates of plain SGD",
        "Sec. 3.1, Table 1",
        (
            "Eq(gamma0, 1)",
            "Eq(R0, 1)",
            "Eq(L0, 1)",
            "Eq(eta_max_sgd, (I3_R - I1_R)/(I2_R/2))",
            "Eq(eta_eff_sgd, eta)",
        ),
        text="The fixed point is (1, 1, 1).",
    ),
    Statement(
        "eq8",
        "step of the order parameters",
        "App. C.5, Eq. (8)",
        (
            "Eq(Delta_gamma2, 1/N*(2*eta*delta*u - 2*eta*zeta*gamma**2))",
            "Eq(Delta_RL, 1/N*(eta*gamma/L*delta*v - eta*R/L*delta*u))",
            "Eq(Delta_L2, 1/N*(eta**2*gamma**2/L**2*delta**2*dot(x, x)"
            " - 1/N*eta**2/L**2*delta**2*u**2))",
        ),
        (GAUSSIAN_INPUT,),
        "Printed with w_tilde.x for u and w*.x for v. w*.w* = N.",
    ),
    Statement(
        "eq9",
        "rates of gamma^2, RL and L^2",
        "App. C.5, Eq. (9)",
        (
            "Eq(dgamma2_dt, 2*eta*I1(gamma, R) - 2*eta*zeta*gamma**2)",
            "Eq(dRL_dt, eta*gamma/L*I3(gamma, R) - eta*R/L*I1(gamma, R))",
            "Eq(dL2_dt, eta**2*gamma**2/L**2*I2(gamma, R))",
        ),
        (GAUSSIAN_INPUT, _LIMIT),
        "The last term of (8) is neglected, as it vanishes when N approaches infinity.",
    ),
    Statement(
        "eq10",
        "rates of gamma, R and L",
        "App. C.5, Eq. (10)",
        _RATES,
        (GAUSSIAN_INPUT, _LIMIT),
        "The same three equations as (6).",
    ),
    Statement(
        "prop1",
        "the fixed point of batch normalization",
        "App. C.5, Prop. 1, Eqs. (11)-(12)",
        ("Eq(gamma0, 1/(2*zeta + 1))", "Eq(R0, 1)"),
        (GAUSSIAN_INPUT, RELU, SMALL_RATE),
        "L0 is arbitrary.",
    ),
    Statement(
        "eq13",
        "the integral I1",
        "App. C.5, Eq. (13)",
        ("Eq(I1(gamma, R), gamma*(pi*R + 2*sqrt(1 - R**2) + 2*R*asin(R))/(4*pi) - gamma**2/2)",),
        (GAUSSIAN_INPUT, RELU),
    ),
    Statement(
        "eq14",
        "the integral I3",
        "App. C.5, Eq. (14)",
        ("Eq(I3(gamma, R), (pi + 2*R*sqrt(1 - R**2) + 2*asin(R))/(4*pi) - gamma*R/2)",),
        (GAUSSIAN_INPUT, RELU),
    ),
    Statement(
        "eq15",
        "the integral I2",
        "App. C.6, Eq. (15)",
        (
            "Eq(I2(gamma, R), gamma**2/2 + (pi*R + 2*R*sqrt(1 - R**2) + 2*asin(R))/(4*pi)"
            " - gamma*(pi*R + 2*sqrt(1 - R**2) + 2*R*asin(R))/(2*pi))",
        ),
        (GAUSSIAN_INPUT, RELU, "x.x is approximately 1"),
        uses=(Use("prop3", 1, (_SLOPE_OF_I2,)),),
    ),
    Statement(
        "prop2",
        "the Jacobian at the fixed point and its eigenvalues",
        "App. C.5, Prop. 2",
        (
            "Eq(J11, eta/gamma0*I1_gamma - 2*eta*zeta)",
            "Eq(J12, eta/gamma0*I1_R)",
            "Eq(J13, 0)",
            "Eq(J21, 0)",
            "Eq(J22, eta*gamma0/L0**2*(I3_R - I1_R/gamma0 - zeta*gamma0)"
            " - eta**2*gamma0**2/(2*L0**4)*I2_R)",
            "Eq(J23, 0)",
            "Eq(J31, 0)",
            "Eq(J32, eta**2*gamma0**2/(2*L0**3)*I2_R)",
            "Eq(J33, 0)",
            "Eq(lambda_gamma, eta/gamma0*I1_gamma - 2*eta*zeta)",
            "Eq(lambda_R, I2_R*eta*gamma0/(2*L0**2)*(eta_max_bn - eta_eff_bn))",
        ),
        (GAUSSIAN_INPUT, RELU, SMALL_RATE),
    ),
    Statement(
        "prop3",
        "when the fixed point is stable",
        "App. C.6, Prop. 3",
        ("Eq(lambda_gamma, -zeta - 1/2)", "Eq(I2_R, -gamma0)"),
        (GAUSSIAN_INPUT, RELU, SMALL_RATE),
        "(i) lambda_gamma < 0: the last line of the proof reads -zeta - 1/2 < 0. "
        "(ii) lambda_R < 0 if and only if eta_max_bn > eta_eff_bn, since I2_R = -gamma0 < 0 at the "
        "fixed point.",
        uses=(Use("prop2", 9, _EIGENVALUE_OF_GAMMA),),
    ),
    Statement(
        "prop4",
        "gamma decay raises the largest stable learning rate",
        "App. C.7, Prop. 4",
        ("Ge(eta_max_bn, eta_max_wn + 2*zeta)", "Ge(eta_max_bn, eta_max_sgd + 2*zeta)"),
        (RELU, SMALL_RATE),
        "The proof writes eta_max_bn = (I3_R - I1_R)/(I2_R/2) + (1 - 1/gamma0) I1_R/(I2_R/2) "
        "- zeta gamma0/(I2_R/2). It calls the middle term positive and finds 2 zeta for the last "
        "one.",
    ),
)

CLAIMS: tuple[Statement, ...] = (
    Statement(
        "sec3-remark",
        "larger learning rates mean faster convergence",
        "Sec. 1.1 and 3.2",
        ("Gt(speed_by_max, 0)", "Gt(speed_by_eff, 0)"),
        (GAUSSIAN_INPUT, RELU, SMALL_RATE),
        "Larger maximum and effective learning rates mean faster and more stable convergence. "
        "Read of the fixed point: the speed -lambda_R at which R returns grows with both.",
    ),
)
