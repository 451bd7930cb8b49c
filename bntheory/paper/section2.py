"""Sections 1 and 2: batch normalization, its loss, and the regularizer that it amounts to."""

from __future__ import annotations

from bntheory.paper.statement import RELU, Statement

FORMULAS: tuple[Statement, ...] = (
    Statement(
        "eq1",
        "a neuron with batch normalization",
        "Sec. 1, Eq. (1)",
        (
            "Eq(y, g(h_hat))",
            "Eq(h_hat, gamma*(h - mu_B)/sigma_B + beta)",
            "Eq(h, dot(w, x))",
        ),
    ),
    Statement(
        "eq2",
        "negative log likelihood with weight decay",
        "Sec. 2, Eq. (2)",
        ("Eq(loss, -average(log(p(y, h_hat))) + zeta*norm(parameters)**2)",),
        text="The parameters are theta = {w, gamma, beta}.",
    ),
    Statement(
        "prior",
        "batch mean and deviation as Gaussian noise",
        "Sec. 2",
        (
            "Eq(E_noise(mu_B), mu_P)",
            "Eq(E_noise((mu_B - mu_P)**2), sigma_P**2/M)",
            "Eq(E_noise(sigma_B), sigma_P)",
            "Eq(E_noise((sigma_B - sigma_P)**2), uncertain((rho + 2)/(4*M)))",
        ),
        text=(
            "Both are normally distributed: mu_B ~ N(mu_P, sigma_P^2/M) and "
            "sigma_B ~ N(sigma_P, (rho + 2)/(4 M)). Whether the second variance has a factor "
            "sigma_P^2 in print is open [?]. rho is called the kurtosis of the distribution of h; "
            "App. C.3 sets rho = 0 for a Gaussian."
        ),
    ),
    Statement(
        "thm1",
        "batch normalization is population normalization with gamma decay",
        "Sec. 2.1, Eq. (3); App. C.1, Thm. 1",
        (
            "Eq(average(E_noise(ell(h_hat))), average(ell(h_bar)) + zeta*gamma**2)",
            "Eq(zeta, (rho + 2)/(8*M)*fisher_information + 1/(2*M)*average(sigmoid(h_bar)))",
            "Eq(h_bar, gamma*(dot(w, x) - mu_P)/sigma_P + beta)",
            "Eq(fisher_information, average(dell_dgamma**2))",
        ),
        (
            "a single-layer perceptron with batch normalization",
            RELU,
            "the neurons of the layer are independent",
        ),
        "The first equality is approximate. zeta depends on the hidden value and is written "
        "zeta(h). The derivative of ell is taken at h_hat. The first term of zeta comes from "
        "sigma_B, the second from mu_B.",
        aliases=("eq3",),
    ),
    Statement(
        "eq4",
        "population normalization as weight normalization",
        "Sec. 2.1, Eq. (4)",
        (
            "Eq(h_bar, gamma*(dot(w, x) - mu_P)/sigma_P + beta)",
            "Eq(h_bar, upsilon*dot(w, x)/norm(w) + b)",
            "Eq(upsilon, gamma/uncertain(input_variance))",
            "Eq(b, -gamma*mu_P/(uncertain(input_variance)*norm(w)) + beta)",
        ),
        ("Cov(x) = a I",),
        "Open [?]: whether upsilon is gamma/a or gamma/sqrt(a), and likewise the power of a in b.",
    ),
)

CLAIMS: tuple[Statement, ...] = (
    Statement(
        "sec2-strength",
        "regularization weakens with the batch size",
        "Sec. 1.1 and 2.1",
        ("Eq(power_std, -1)", "Eq(power_mean, -1)"),
        text=(
            "The strengths of both regularizers fall as 1/M. Read: the decay that comes from "
            "sigma_B, and that from mu_B, goes as the power -1 of M."
        ),
    ),
    Statement(
        "sec2-output",
        "a neuron with larger output is decayed more",
        "Sec. 2.1",
        ("Ge(sigmoid(h_bar), 0)", "Le(sigmoid(h_bar), 1)", "Gt(strength_by_output, 0)"),
        text=(
            "The strength from mu_B depends on the expectation of sigmoid(h_bar), which lies in "
            "[0, 1]: a neuron with larger output is regularized more. Read: the strength of a "
            "sample grows with its h_bar."
        ),
    ),
    Statement(
        "sec2-correlations",
        "correlations between neurons are penalized",
        "Sec. 2.1",
        ("Ge(coupling, 0)",),
        text=(
            "For a single neuron I(gamma) is the norm of the gradient. For several neurons it is "
            "the Fisher information matrix of gamma, so correlations between them are penalized. "
            "Read: what the correlation of two neurons adds to the loss is positive."
        ),
    ),
    Statement(
        "sec2-removal",
        "mean and deviation are both needed",
        "Sec. 1.1 and 2.1",
        text="Removing either of mu_B and sigma_B impedes training.",
    ),
)
