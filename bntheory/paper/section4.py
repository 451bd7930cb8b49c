"""Section 4 and App. D: the generalization error of SGD, of gamma decay and of batch statistics.

The teacher's output is y_star = w*.x + s, with s ~ N(0, S) and w*.w* = N, and alpha = P/N.
"""

from __future__ import annotations

from bntheory.paper.statement import GAUSSIAN_INPUT, Statement

_NOISE = "the teacher is linear, with noise s ~ N(0, S)"
_LINEAR = "the student is linear"
_RELU = "the student is ReLU"
_REPLICAS = "the expression of replica theory, as in Seung et al. 1992"
_COLD = "beta -> oo"

FORMULAS: tuple[Statement, ...] = (
    Statement(
        "sgd-linear",
        "generalization error of SGD, linear student",
        "Sec. 4.1",
        (
            "Eq(epsilon, Piecewise((1 - alpha + alpha*S/(1 - alpha), alpha < 1),"
            " (S/(alpha - 1), True)))",
        ),
        (GAUSSIAN_INPUT, _NOISE, _LINEAR),
    ),
    Statement(
        "sgd-relu",
        "generalization error of SGD, ReLU student",
        "Sec. 4.1",
        ("Eq(epsilon, 1 - alpha/4 + alpha*S/(2*(2 - alpha)))",),
        (GAUSSIAN_INPUT, _NOISE, _RELU, "alpha < 2"),
    ),
    Statement(
        "wn-linear",
        "generalization error of weight normalization with gamma decay, linear student",
        "Sec. 4.1",
        (
            "Eq(epsilon, S*Derivative(zeta*G(zeta), zeta) - zeta**2*Derivative(G(zeta), zeta))",
            "Eq(G(zeta), (1 - alpha - zeta"
            " + sqrt(zeta + (1 + sqrt(alpha))**2)*sqrt(zeta + (1 - sqrt(alpha))**2))/(2*zeta))",
        ),
        (GAUSSIAN_INPUT, _NOISE, _LINEAR),
        "The correlation matrix is X^T X + zeta I. The variance of the noise, S here, is printed "
        "delta^2.",
    ),
    Statement(
        "wn-optimum",
        "the best decay is the variance of the noise",
        "Sec. 4.1, Fig. 1(a)",
        ("Eq(zeta_best, S)",),
        (GAUSSIAN_INPUT, _NOISE, _LINEAR),
        "Printed in words: for S = 0.25 no zeta does better than zeta = 0.25. zeta stands beside "
        "X^T X, as in the correlation matrix above.",
    ),
    Statement(
        "bn-linear",
        "batch normalization against gamma decay, linear student",
        "Sec. 4.1, Fig. 1(a)",
        ("Eq(zeta, 1/(2*M))",),
        (GAUSSIAN_INPUT, _NOISE, _LINEAR),
        "Batch normalization trained by SGD with M = 32 and N = 4096 lies on the curve of weight "
        "normalization with this zeta.",
    ),
    Statement(
        "bn-relu",
        "batch normalization against gamma decay, ReLU student",
        "Sec. 4.1, Fig. 1(b)",
        ("Eq(zeta, uncertain(1/(4*M)))",),
        (GAUSSIAN_INPUT, _NOISE, _RELU),
        "Batch normalization corresponds to weight normalization with this zeta. The caption of "
        "the figure says M = 32, the text M = 16.",
    ),
    Statement(
        "eq16",
        "the generalization error by the order parameters",
        "App. D.1, Eqs. (16)-(17)",
        (
            "Eq(epsilon, E_data((y_star - y)**2))",
            "Eq(epsilon, Integral(phi(h1)*phi(h2)"
            "*(g_star(h1) - g(gamma*R*h1 + gamma*sqrt(1 - R**2)*h2))**2,"
            " (h2, -oo, oo), (h1, -oo, oo)))",
        ),
        (GAUSSIAN_INPUT,),
        "The average is over x.",
        aliases=("eq17",),
    ),
    Statement(
        "eq18",
        "the generalization error for linear and ReLU students",
        "App. D.1, Eq. (18)",
        (
            "Eq(epsilon, 1 + gamma**2 - 2*gamma*R)",
            "Eq(epsilon, 1 + gamma**2/2 - gamma*R)",
        ),
        (GAUSSIAN_INPUT,),
        "The first is for a linear teacher and a linear student, the second for a linear teacher "
        "and a ReLU student.",
    ),
    Statement(
        "eq19",
        "the free energy",
        "App. D.2, Eqs. (19)-(20)",
        (
            "Eq(-beta*f, 1/2*(gamma**2 - gamma**2*R**2)/(q**2 - gamma**2)"
            " + 1/2*log(q**2 - gamma**2)"
            " + alpha*Integral(phi(h1)*phi(h2)*log(Integral(phi(h3)"
            "*exp(-beta*(g(gamma*R*h1 + sqrt(gamma**2 - gamma**2*R**2)*h2"
            " + sqrt(q**2 - gamma**2)*h3) - g_star(h1 + s))**2/2),"
            " (h3, -oo, oo))), (h2, -oo, oo), (h1, -oo, oo)))",
        ),
        (GAUSSIAN_INPUT, _REPLICAS),
        "Eq. (20), the arguments of g and g_star, is written into (19).",
        aliases=("eq20",),
    ),
    Statement(
        "prop5",
        "the free energy of a ReLU student at zero temperature",
        "App. D.2, Prop. 5, Eq. (21)",
        (
            "Eq(-beta*f, 1/2*(gamma**2 - gamma**2*R**2)/(q**2 - gamma**2)"
            " + 1/2*log(q**2 - gamma**2) - alpha/4*log(1 + beta*(q**2 - gamma**2))"
            " - alpha*beta*(1 - 2*gamma*R + gamma**2 + uncertain(S))"
            "/(4*(1 + beta*(q**2 - gamma**2)))"
            " - alpha*beta/4 - alpha*beta*S/4)",
        ),
        (GAUSSIAN_INPUT, _NOISE, _RELU, _REPLICAS, _COLD),
        "As beta -> oo the inner integral of (19) notches up at g = g_star. Where h1 + s > 0 the "
        "other branch of ReLU is ignored and the Gaussian integral is taken over the full line. "
        "Where h1 + s <= 0 the integral is replaced by the maximum over h3 of "
        "exp(-beta (g - g_star)^2/2), with g = 0.",
        aliases=("eq21",),
    ),
    Statement(
        "eq22",
        "the length of the student at equilibrium",
        "App. D.2, Eq. (22)",
        ("Eq(gamma**2, alpha/(2*a) + alpha*S/uncertain(2*a - alpha))",),
        (GAUSSIAN_INPUT, _NOISE, _RELU, _COLD),
    ),
    Statement(
        "eq23",
        "the overlap at equilibrium",
        "App. D.2, Eq. (23)",
        (
            "Eq(gamma*R, alpha/(2*a))",
            "Eq(a, (1 + beta*(q**2 - gamma**2))/(beta*(q**2 - gamma**2)))",
        ),
        (GAUSSIAN_INPUT, _NOISE, _RELU, _COLD),
    ),
    Statement(
        "eq24",
        "the generalization error at equilibrium",
        "App. D.2, Eq. (24)",
        ("Eq(epsilon, 1 - alpha/(4*a) + alpha*S/(2*a*(2*a - alpha)))",),
        (GAUSSIAN_INPUT, _NOISE, _RELU, _COLD),
    ),
    Statement(
        "eq25",
        "the generalization error at zero temperature",
        "App. D.2, Eq. (25)",
        ("Eq(a, 1)", "Eq(epsilon, 1 - alpha/4 + alpha*S/(2*(2 - alpha)))"),
        (GAUSSIAN_INPUT, _NOISE, _RELU, _COLD, "alpha < 2"),
    ),
)
