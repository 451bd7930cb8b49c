"""App. C.1-C.4: the proofs behind Theorem 1, the linear student, and deep networks."""

from __future__ import annotations

from bntheory.paper.statement import GAUSSIAN_INPUT, RELU, Statement

_PRIOR = "mu_B and sigma_B are distributed as in Sec. 2"
_LINEAR = "the activation is the identity"

FORMULAS: tuple[Statement, ...] = (
    Statement(
        "c1-glm",
        "the loss as that of a generalized linear model",
        "App. C.1",
        (
            "Eq(-log(p(y, h_hat)), A(h_hat) - y*h_hat)",
            "Eq(average(E_noise(ell(h_hat))), average(ell(h_bar)) + Rf + Rq)",
        ),
        text="Rf and Rq are the first and second order terms of the expansion at h_bar.",
    ),
    Statement(
        "c1-expansion",
        "the inverse batch deviation, expanded",
        "App. C.1",
        (
            "Eq(1/sigma_B, 1/sigma_P - (sigma_B - sigma_P)/sigma_P**2"
            " + (sigma_B - sigma_P)**2/sigma_P**3)",
            "Eq(1/sigma_B**2, 1/sigma_P**2 - 2*(sigma_B - sigma_P)/sigma_P**3"
            " + 3*(sigma_B - sigma_P)**2/sigma_P**4)",
        ),
        text="Both equalities are approximate: Taylor expansions to second order at sigma_P.",
    ),
    Statement(
        "c1-rf",
        "the first order term of the loss",
        "App. C.1",
        (
            "Eq(Rf, average(gamma*(A_prime(h_bar) - y)*(dot(w, x) - mu_P)/sigma_P"
            "*(rho + 2)/(4*M)))",
            "Eq(E_data((A_prime(h) - y)*h), 0)",
        ),
        (_PRIOR,),
        "Rf is argued to vanish: the expectation over (x, y) of (A'(h) - y) h is taken over y "
        "given x first.",
    ),
    Statement(
        "c1-rq",
        "the second order term of the loss",
        "App. C.1",
        (
            "Eq(Rq, average(A_second(h_bar)/2*E_noise((h_hat - h_bar)**2)))",
            "Eq(Rq, average(gamma**2*A_second(h_bar)/2*(((dot(w, x) - mu_P)/sigma_P)**2"
            "*(rho + 2)/(4*M) + 1/M*(1 + 3*(rho + 2)/(4*M)))))",
            "Eq(Rq, (rho + 2)/(8*M)*fisher_information*gamma**2 + mean_curvature/(2*M)*gamma**2)",
            "Eq(d2ell_dgamma2, A_second(h_bar)*((dot(w, x) - mu_P)/sigma_P)**2)",
            "Eq(fisher_information, average(d2ell_dgamma2))",
            "Eq(mean_curvature, average(A_second(h_bar)))",
        ),
        (_PRIOR,),
        "The third equality is approximate: terms of order 1/M^2 are neglected.",
    ),
    Statement(
        "c2",
        "the curvature for ReLU",
        "App. C.2",
        (
            "Eq(A_prime(h), log(1 + exp(h)))",
            "Eq(mean_curvature, average(sigmoid(h_bar)))",
        ),
        (RELU,),
        "ReLU is replaced by softplus, its continuous approximation.",
    ),
    Statement(
        "c3-moments",
        "moments of the inverse batch deviation",
        "App. C.3",
        (
            "Eq(E_noise(1/sigma_B), sqrt(M/2)/sigma_P*Gamma((M - 2)/2)/Gamma((M - 1)/2))",
            "Eq(E_noise(1/sigma_B**2), M/(2*sigma_P**2)*Gamma((M - 3)/2)/Gamma((M - 1)/2))",
        ),
        (GAUSSIAN_INPUT,),
    ),
    Statement(
        "c3-exact",
        "the exact gamma decay of a linear student",
        "App. C.3",
        (
            "Eq(zeta, lam*(1 + M*Gamma((M - 3)/2)/(2*Gamma((M - 1)/2))"
            " - sqrt(2*M)*Gamma((M - 2)/2)/Gamma((M - 1)/2)))",
            "Eq(fisher_information, 2*lam)",
            "Eq(rho, 0)",
        ),
        (GAUSSIAN_INPUT, _LINEAR),
        "The loss is the average over the samples of (w*.x - gamma (w.x - mu_B)/sigma_B)^2. "
        "The meaning of lambda is open [?].",
    ),
    Statement(
        "c3-simple",
        "the gamma decay of a linear student, simplified",
        "App. C.3",
        ("Eq(zeta, 3/(4*M))", "Eq(zeta, 1/(4*M))", "Eq(zeta, 1/(2*M))"),
        (GAUSSIAN_INPUT, _LINEAR),
        "The first is with the bias term, the second without it. The third is twice the second, "
        "for a squared error that is not divided by 2.",
    ),
    Statement(
        "eq7",
        "a neuron of a deep network",
        "App. C.4, Eq. (7)",
        (
            "Eq(z_l, g(h_hat))",
            "Eq(h_hat, gamma*(h - mu_B)/sigma_B + beta)",
            "Eq(h, dot(w, z_below))",
        ),
        text="Every quantity is that of layer l and neuron i; z_below is z of layer l - 1.",
    ),
    Statement(
        "c4",
        "gamma decay in a deep network",
        "App. C.4",
        (
            "Eq(average(E_noise(ell(h_hat))), average(ell(h_bar)) + layer_sum(zeta*gamma**2))",
            "Eq(zeta, average(hessian_diagonal*uncertain(1/2)*((rho + 2)/(4*M)"
            "*((dot(w, z_below) - mu_P)/sigma_P)**2 + 1/M)))",
        ),
        (_PRIOR, "the neurons of a layer are independent"),
        "The first equality is approximate, and the second leaves out O(1/M^2). Every quantity is "
        "that of layer l; zeta, gamma, rho, w, mu_P and sigma_P are those of neuron i.",
    ),
)
