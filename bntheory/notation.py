"""Every symbol of the paper, once: SymPy symbol, LaTeX, domain, meaning.

``SYMBOLS`` is what :func:`sympy.sympify` needs to read back any expression the toolkit prints:
without it ``gamma``, ``zeta``, ``beta``, ``S`` and ``N`` would be SymPy's own.

The order parameters are those of App. C.5 of Luo et al. 2019: with w~ = sqrt(N) gamma w/|w|,

    gamma^2 = w~.w~ / N,    R = w~.w* / (N gamma),    L^2 = w.w / N,    w*.w* = N,

and an input x ~ N(0, 1/N) reaches the network through two Gaussian fields only: the student's
u = w~.x with variance gamma^2 and the teacher's v = w*.x with variance 1, covariance gamma R.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from typing import Any

import sympy as sp

from bntheory.functions import (
    B1,
    B2,
    B3,
    I1,
    I2,
    I3,
    A,
    A_prime,
    A_second,
    A_third,
    E_data,
    E_noise,
    G,
    Gamma,
    average,
    batch_mean,
    dot,
    ell,
    g,
    g_prime,
    g_star,
    layer_sum,
    norm,
    p,
    phi,
    sigmoid,
    uncertain,
)
from bntheory.reading import Reader, Unreadable

__all__ = [
    "A",
    "B1",
    "B2",
    "B3",
    "BY_NAME",
    "G",
    "I1",
    "I2",
    "I3",
    "QUANTITIES",
    "SYMBOLS",
    "A_prime",
    "A_second",
    "A_third",
    "E_data",
    "E_noise",
    "Gamma",
    "Quantity",
    "average",
    "batch_mean",
    "dot",
    "ell",
    "g",
    "g_prime",
    "g_star",
    "layer_sum",
    "norm",
    "p",
    "phi",
    "read",
    "sigmoid",
    "uncertain",
]


@dataclass(frozen=True)
class Quantity:
    """A symbol of the paper.

    ``domain`` is the set of values it may take; ``None`` for vectors and for functions, which are
    not sampled.  All quantities are dimensionless: x, w and y carry no physical units.
    """

    symbol: Any
    latex: str
    meaning: str
    domain: sp.Set | None = None

    @property
    def name(self) -> str:
        symbol = self.symbol
        return symbol.name if isinstance(symbol, sp.Symbol) else symbol.__name__


_POSITIVE = sp.Interval.open(0, sp.oo)
_NONNEGATIVE = sp.Interval(0, sp.oo)
_REALS = sp.S.Reals
_OVERLAP = sp.Interval(-1, 1)
_FROM_ONE = sp.Interval(1, sp.oo)
_KURTOSIS = sp.Interval(-2, sp.oo)
_ANGLE = sp.Interval.open(0, sp.pi / 2)
_FRACTION = sp.Interval.open(0, 1)


@cache
def _flags(domain: sp.Set) -> dict[str, bool | None]:
    """Return what a domain says of the sign of its symbol."""
    return {
        "nonnegative": domain.is_subset(_NONNEGATIVE) or None,
        "positive": domain.is_subset(_POSITIVE) or None,
    }


def _real(name: str, latex: str, meaning: str, domain: sp.Set = _REALS) -> Quantity:
    return Quantity(sp.Symbol(name, real=True, **_flags(domain)), latex, meaning, domain)


def _vector(name: str, latex: str, meaning: str) -> Quantity:
    return Quantity(sp.Symbol(name), latex, meaning)


def _slope(i: str, by: str) -> Quantity:
    tex = {"R": "R", "gamma": r"\gamma"}[by]
    return _real(
        f"I{i}_{by}",
        rf"\partial_{{{tex}}} I_{i}",
        f"derivative of I{i} in {by} at the fixed point, from below where by is R",
    )


def _entry(i: str, j: str) -> Quantity:
    return _real(f"J{i}{j}", f"J_{{{i}{j}}}", f"entry ({i}, {j}) of the Jacobian in (gamma, R, L)")


def _rate_limit(kind: str, method: str) -> Quantity:
    word = {"max": "maximum", "eff": "effective"}[kind]
    tex = rf"\eta_{{\mathrm{{{kind}}}}}^{{\mathrm{{{method}}}}}"
    return _real(f"eta_{kind}_{method}", tex, f"{word} learning rate, {method.upper()}", _POSITIVE)


#: Every quantity, in the order in which the paper needs it.
QUANTITIES: tuple[Quantity, ...] = (
    # the block and its parameters (Sec. 1-2)
    _vector("x", r"\mathbf{x}", "network input"),
    _vector("w", r"\mathbf{w}", "weight vector of the student"),
    _vector("w_star", r"\mathbf{w}^{*}", "weight vector of the teacher"),
    _real("y", "y", "output of a network"),
    _real("y_star", "y^{*}", "ground truth of an output"),
    _real("h", "h", "hidden value before batch normalization, w.x"),
    _real("h_hat", r"\hat{h}", "hidden value after batch normalization"),
    _real("h_bar", r"\bar{h}", "hidden value after population normalization"),
    _real("gamma", r"\gamma", "scale of batch normalization; length of w~ over sqrt(N)", _POSITIVE),
    _real("beta", r"\beta", "shift of batch normalization; in App. D the inverse temperature"),
    _vector("parameters", r"\boldsymbol{\theta}", "w, gamma and beta together, as one vector"),
    _real("mu_B", r"\mu_B", "batch mean of h"),
    _real("sigma_B", r"\sigma_B", "batch standard deviation of h", _POSITIVE),
    _real("mu_P", r"\mu_P", "population mean of h"),
    _real("sigma_P", r"\sigma_P", "population standard deviation of h", _POSITIVE),
    _real("rho", r"\rho", "excess kurtosis of the distribution of h, 0 for a Gaussian", _KURTOSIS),
    _real("eta", r"\eta", "learning rate", _POSITIVE),
    _real("zeta", r"\zeta", "strength of the decay of gamma", _NONNEGATIVE),
    _real("M", "M", "batch size", _FROM_ONE),
    _real("N", "N", "number of input neurons", _FROM_ONE),
    _real("P", "P", "sample size", _FROM_ONE),
    _real("t", "t", "time, steps over N", _NONNEGATIVE),
    # the regularizer (Sec. 2, App. C.1-C.4)
    Quantity(norm, r"\lVert\cdot\rVert_2", "length of a vector"),
    Quantity(E_noise, r"\mathbb{E}_{\mu_B,\sigma_B}", "expectation over the batch statistics"),
    Quantity(E_data, r"\mathbb{E}_{\mathbf{x},y}", "expectation over the data"),
    Quantity(average, r"\frac{1}{P}\sum_{j}", "average over the P samples"),
    Quantity(layer_sum, r"\sum_{i}", "sum over the neurons of a layer"),
    Quantity(p, "p", "likelihood of an output given the normalized hidden value"),
    Quantity(ell, r"\ell", "loss of one sample, a function of its hidden value"),
    _real("loss", r"\mathcal{L}", "loss function of the network"),
    _real("dell_dgamma", r"\frac{\partial\ell}{\partial\gamma}", "derivative of ell in gamma"),
    _real("d2ell_dgamma2", r"\frac{\partial^2\ell}{\partial\gamma^2}", "its second derivative"),
    Quantity(A, "A", "partition function of the likelihood"),
    Quantity(A_prime, "A'", "first derivative of the partition function"),
    Quantity(A_second, "A''", "second derivative of the partition function"),
    Quantity(A_third, "A'''", "third derivative of the partition function"),
    Quantity(sigmoid, r"\sigma", "logistic function"),
    Quantity(Gamma, r"\Gamma", "Euler's gamma function"),
    _real("fisher_information", r"I(\gamma)", "Fisher information of gamma", _NONNEGATIVE),
    _real("mean_curvature", r"\mu_{d^2A}", "average of A'' at h_bar over the samples"),
    _real("Rf", "R^f", "first-order term of the expansion of the loss"),
    _real("Rq", "R^q", "second-order term of the expansion of the loss"),
    _real("lam", r"\lambda", "factor of the exact gamma decay, I(gamma) = 2 lambda"),
    _real("upsilon", r"\upsilon", "scale of weight normalization"),
    _real("b", "b", "shift of weight normalization"),
    _real("input_variance", "a", "variance of each input, Cov(x) = a I", _POSITIVE),
    _real("z_l", "z^l", "output of a neuron in a deep network"),
    _vector("z_below", r"\mathbf{z}^{l-1}", "outputs of the layer below"),
    _real(
        "hessian_diagonal",
        r"\operatorname{diag}(H_\ell)_i",
        "diagonal entry of the Hessian of the loss in the hidden values of a layer",
    ),
    _real("gamma1", r"\gamma_1", "scale of the first of two neurons", _POSITIVE),
    _real("gamma2", r"\gamma_2", "scale of the second of two neurons", _POSITIVE),
    _real("hessian_12", "H_{12}", "mixed second derivative of the loss in two neurons"),
    _real("correlation", "r", "correlation of two hidden values", _OVERLAP),
    _real("cokurtosis", r"\kappa_{22}", "E[z1^2 z2^2] - 1 - 2 r^2, 0 for Gaussians"),
    _real("coskewness_12", r"\kappa_{12}", "E[z1 z2^2] of two standardized hidden values"),
    _real("coskewness_21", r"\kappa_{21}", "E[z1^2 z2] of two standardized hidden values"),
    # what a batch really does
    _real("z", "z", "standardized hidden value, (h - mu_P)/sigma_P"),
    _real("z1", "z_1", "standardized hidden value of the first of two neurons"),
    _real("z2", "z_2", "standardized hidden value of the second of two neurons"),
    _real("skewness", r"\kappa_3", "skewness of the distribution of h, 0 for a Gaussian"),
    _real("tau", r"\tau", "1/sqrt(M), with the batch size M", sp.Interval.Lopen(0, 1)),
    _real("m1", "m_1", "sum of z over the other samples of a batch, over sqrt(M)"),
    _real("m2", "m_2", "sum of z^2 - 1 over the other samples of a batch, over sqrt(M)"),
    *(
        _real(f"m{kind}_neuron{i}", f"m_{kind}^{{({i})}}", f"m{kind} of neuron {i}, over the batch")
        for i in "12"
        for kind in "12"
    ),
    _real("kink", "K", "E[-z z_hat; z < 0 < z_hat] of a value before and after normalization"),
    _real("n1", "n_1", "noise of the batch mean, sqrt(M) (mu_B - mu_P)/sigma_P"),
    _real("n2", "n_2", "noise of the batch deviation, sqrt(M) (sigma_B - sigma_P)/sigma_P"),
    _real("noise", r"\Delta", "sqrt(M) times the deviation of a random quantity from its limit"),
    _real("loss_slope", r"\ell'", "derivative of the loss of a sample at h_bar"),
    _real("loss_curvature", r"\ell''", "second derivative of the loss of a sample at h_bar"),
    _real("loss_third", r"\ell'''", "third derivative of the loss of a sample at h_bar"),
    _real("loss_fourth", r"\ell''''", "fourth derivative of the loss of a sample at h_bar"),
    _real("y_mean", r"\bar{y}", "mean of the output given the input"),
    _real("y_variance", r"\sigma_y^2", "variance of the output given the input", _NONNEGATIVE),
    _real("chi2", r"\chi^2", "chi-square variable with M - 1 degrees of freedom", _POSITIVE),
    _vector("C_w", r"C\mathbf{w}", "covariance matrix of the input times w"),
    _real("log_likelihood", r"\bar{\ell}", "average of log p(y | h_hat; theta) over the samples"),
    _real(
        "length_squared", r"\lVert\boldsymbol{\theta}\rVert^2", "squared length of the parameters"
    ),
    # claims in words
    _real("power_std", r"p_\sigma", "power of M with which the decay from sigma_B goes"),
    _real("power_mean", r"p_\mu", "power of M with which the decay from mu_B goes"),
    _real("strength_by_output", "s'", "how the decay from mu_B grows with h_bar of a sample"),
    _real("coupling", "C_{12}", "what the correlation of two neurons adds to the loss"),
    _real("speed_by_max", r"s_{\mathrm{max}}", "how -lambda_R grows with the maximum rate"),
    _real("speed_by_eff", r"s_{\mathrm{eff}}", "how -lambda_R grows with the effective one"),
    _real("zeta_best", r"\zeta_{\mathrm{best}}", "the zeta of least generalization error"),
    # the teacher-student model (Sec. 3, App. C.5)
    Quantity(g, "g", "activation function"),
    Quantity(g_prime, "g'", "derivative of the activation function"),
    Quantity(dot, r"\cdot", "inner product of two vectors"),
    _vector("w_tilde", r"\tilde{\mathbf{w}}", "normalized weight vector, sqrt(N) gamma w/|w|"),
    _real("u", "u", "field of the student, w~.x: Gaussian, variance gamma^2"),
    _real("v", "v", "field of the teacher, w*.x: Gaussian, variance 1, Cov(u, v) = gamma R"),
    _real(
        "in_plane",
        r"\lVert x_\parallel\rVert^2",
        "N times the squared length of x in the plane of w and w*",
        _NONNEGATIVE,
    ),
    _real(
        "across",
        r"\lVert x_\perp\rVert^2",
        "N times the squared length of x across that plane",
        _NONNEGATIVE,
    ),
    _real("delta", r"\delta", "g'(u) [g(v) - g(u)]"),
    _real("R", "R", "overlap of student and teacher, the cosine of their angle", _OVERLAP),
    _real("L", "L", "length of w over sqrt(N)", _POSITIVE),
    _real("theta", r"\theta", "angle between student and teacher, arccos R", sp.Interval(0, sp.pi)),
    _real("misalignment", "(1-R)", "1 - R, kept as a number of its own", sp.Interval(0, 2)),
    _real("slope", "a", "slope of leaky ReLU on the negative side", _NONNEGATIVE),
    _real("alignment", "A", "E[g'(u) g'(v)]"),
    Quantity(I1, "I_1", "E[delta u], a function of gamma and R"),
    Quantity(I2, "I_2", "E[delta^2 x.x], a function of gamma and R"),
    Quantity(I3, "I_3", "E[delta v], a function of gamma and R"),
    # the fixed point and its stability (Sec. 3.1-3.2, App. C.5-C.7)
    _real("gamma0", r"\gamma_0", "gamma at the fixed point", sp.Interval.Lopen(0, 1)),
    _real("R0", "R_0", "R at the fixed point", _OVERLAP),
    _real("L0", "L_0", "L at the fixed point", _POSITIVE),
    *(_slope(i, by) for i in "123" for by in ("gamma", "R")),
    *(_entry(i, j) for i in "123" for j in "123"),
    _real("lambda_gamma", r"\lambda_\gamma", "eigenvalue of the Jacobian that belongs to gamma"),
    _real("lambda_R", r"\lambda_R", "eigenvalue of the Jacobian that belongs to R"),
    *(_rate_limit("max", method) for method in ("bn", "wn", "sgd")),
    *(_rate_limit("eff", method) for method in ("bn", "wn", "sgd")),
    # one step of SGD, and the rates in the limit N -> oo (eqs. 5-10)
    _vector("Delta_w", r"\Delta\mathbf{w}", "change of w in one step"),
    _real("Delta_gamma", r"\Delta\gamma", "change of gamma in one step"),
    _real("Delta_gamma2", r"\Delta(\gamma^2)", "change of gamma^2 in one step"),
    _real("Delta_RL", r"\Delta(RL)", "change of RL in one step"),
    _real("Delta_L2", r"\Delta(L^2)", "change of L^2 in one step"),
    _real("dgamma2_dt", r"\frac{d\gamma^2}{dt}", "rate of gamma^2"),
    _real("dRL_dt", r"\frac{d(RL)}{dt}", "rate of RL"),
    _real("dL2_dt", r"\frac{dL^2}{dt}", "rate of L^2"),
    _real("dgamma_dt", r"\frac{d\gamma}{dt}", "rate of gamma"),
    _real("dR_dt", r"\frac{dR}{dt}", "rate of R"),
    _real("dL_dt", r"\frac{dL}{dt}", "rate of L"),
    # batch normalization itself, in batches of M (beyond the paper)
    _real("sum_h", r"\Sigma h", "sum of h over a batch", _REALS),
    _real("sum_h2", r"\Sigma h^2", "sum of h^2 over a batch", _POSITIVE),
    _real("h_hat1", r"\hat h_1", "normalized value of one sample of a batch", _REALS),
    _real("h_hat2", r"\hat h_2", "normalized value of another one", _REALS),
    _real("delta1", r"\delta_1", "delta of one sample of a batch", _REALS),
    _real("delta2", r"\delta_2", "delta of another one", _REALS),
    _vector("pull", r"\mathbf{c}", "sum of c x over a batch"),
    _real("c", "c", "pull of a sample on its h, without the factor gamma/(M sigma_B)", _REALS),
    _real("mean_delta", r"\bar\delta", "mean of delta over a batch", _REALS),
    _real("mean_pull", r"\pi", "mean of delta h_hat over a batch", _REALS),
    Quantity(batch_mean, r"\operatorname{mean}", "mean over the samples of one batch"),
    Quantity(B1, "B_1", "E[delta gamma h_hat] under batch normalization, in place of I1"),
    Quantity(B2, "B_2", "E[c^2/sigma_B^2] under batch normalization, in place of I2"),
    Quantity(B3, "B_3", "E[c v/sigma_B] under batch normalization, in place of I3 - R I1/gamma"),
    _real("offset", "k", "mean of a Gaussian field of variance 1", _REALS),
    _real("deviation", "D", "deviation of the teacher's field given the batch", _POSITIVE),
    _real("offset1", "k_1", "mean of the first of two such fields", _REALS),
    _real("offset2", "k_2", "mean of the second of two such fields", _REALS),
    _real("arc", r"\psi", "arcsin of a correlation", sp.Interval(0, sp.pi / 2)),
    # generalization (Sec. 4, App. D)
    _real("alpha", r"\alpha", "effective load, P/N", _POSITIVE),
    _real("s", "s", "noise of the teacher's output: Gaussian, variance S"),
    _real("epsilon_typical", r"\epsilon_{\mathrm{typical}}", "error of a typical student"),
    _real("S", "S", "variance of the noise of the teacher's output", _NONNEGATIVE),
    _real("epsilon", r"\epsilon_{\mathrm{gen}}", "generalization error", _NONNEGATIVE),
    _real("ridge", r"\lambda", "what is added to X^T X, written zeta in print", _NONNEGATIVE),
    _real("eigenvalue", "e", "eigenvalue of X^T X", _POSITIVE),
    _real("w_k", "w_k", "component of the student's weights along an eigenvector of X^T X"),
    _real("w_star_k", "w^{*}_k", "component of the teacher's weights along it, of mean square 1"),
    _real("s_k", "s_k", "noise of the teacher along it, of mean square S"),
    _real("leverage", "l", "x.A^{-1} x, with A = X^T X + ridge I, for a sample x in X"),
    _real("outside", "g", "the same with x left out of A"),
    _real("kappa", r"\kappa", "ridge G/(1 - ridge G), the effective ridge", _NONNEGATIVE),
    _real("kappa_slope", r"\kappa'", "its derivative in the ridge"),
    _real("batch_square", r"\bar{Z}", "mean of z^2 over a batch"),
    _real("batch_product", r"\bar{Y}", "mean of z y over a batch, with the label y"),
    _real("mean_square_output", "O", "mean square of an output over the samples, gamma = 1"),
    _real("mean_product", "Y", "mean product of output and label over the samples, gamma = 1"),
    _real("residual", "c", "mean of z (y - r z)/sigma_B over a batch"),
    _real("shrinkage", "k", "E[sigma_B]/sigma_P, by which a batch shrinks the student", _FRACTION),
    _real("below", r"\delta_b", "1 - alpha, where alpha < 1", _FRACTION),
    _real("above", r"\delta_a", "alpha - 1, where alpha > 1", _POSITIVE),
    Quantity(G, "G", "response function of linear regression, tr(X^T X + ridge I)^{-1}/N"),
    _real("G_value", "G", "its value", _POSITIVE),
    Quantity(g_star, "g^{*}", "activation function of the teacher"),
    Quantity(phi, r"\phi", "density of the standard Gaussian, Dh = phi(h) dh"),
    *(_real(f"h{i}", f"h_{i}", "standard Gaussian variable, independent of others") for i in "123"),
    _real("q", "q", "prior value of gamma", _POSITIVE),
    _real("f", "f", "free energy"),
    _real(
        "a",
        "a",
        "(1 + beta (q^2 - gamma^2)) / (beta (q^2 - gamma^2)), 1 at zero temperature",
        _FROM_ONE,
    ),
    _real("gamma_square", r"\gamma^2", "gamma^2, as a number of its own", _POSITIVE),
    _real("n", "n", "number of replicas", _POSITIVE),
    _real("spread", r"\Delta", "q^2 - gamma^2, the variance of a replica's own field", _POSITIVE),
    _real("field", "m", "field of a student that all replicas share", _REALS),
    _real("chi", r"\chi", "beta (q^2 - gamma^2), the response of the field", _POSITIVE),
    _real("response", "X", "ridge chi as the ridge goes to 0", _POSITIVE),
    _real("angle", r"\phi", "angle between label and field, arccos of their correlation", _ANGLE),
    _real("label_deviation", r"\sigma_y", "deviation of the label, sqrt(1 + S)", _POSITIVE),
    _real("ray", "t", "angle of a ray in the plane of label and field"),
    _real("ray_start", "t_1", "angle where the branch that fits the label begins"),
    _real("ray_end", "t_2", "angle where it ends"),
    _real("distance", "D", "mean squared distance of the field from what the label allows"),
    _real("alpha_c", r"\alpha_c", "load where the training error leaves its least value"),
    _real("tilt", "k", "-m/y on the ray where two branches cost the same", _POSITIVE),
    _real("energy", "e", "training energy per weight: half of the squared errors, and the decay"),
    _real("mean_cost", r"\bar{M}", "mean over label and field of the least cost of a sample"),
    _real("log1", r"\ell_1", "logarithm of the inner integral for one (h1, h2, s)"),
    _real("log2", r"\ell_2", "the same for another one"),
    _real("weight", "p", "probability of the first of the two", _FRACTION),
    # a mark on what is read from a damaged source
    Quantity(uncertain, r"{\cdot}^{[?]}", "a reading that the source leaves open"),
)

#: What ``sympy.sympify(text, locals=SYMBOLS)`` needs, by name.
SYMBOLS: dict[str, Any] = {quantity.name: quantity.symbol for quantity in QUANTITIES}

#: The quantity behind a symbol, by name.
BY_NAME: dict[str, Quantity] = {quantity.name: quantity for quantity in QUANTITIES}


def _unevaluated(relation: Any) -> Any:
    """Keep a relation as it stands, without asking SymPy whether it holds."""
    return lambda lhs, rhs: relation(lhs, rhs, evaluate=False)


#: What a relation may have besides the symbols.
_SYMPY = (
    "exp log sqrt sin cos tan asin acos atan sinh cosh tanh erf erfc Abs sign Max Min Heaviside "
    "Piecewise Integral Derivative Sum"
)
_NAMES = {
    **{"pi": sp.pi, "E": sp.E, "oo": sp.oo},
    **{name: symbol for name, symbol in SYMBOLS.items() if not isinstance(symbol, type)},
}
_FUNCTIONS = {
    **{name: getattr(sp, name) for name in _SYMPY.split()},
    **{name: _unevaluated(getattr(sp, name)) for name in ("Eq", "Ge", "Gt", "Le", "Lt")},
    **{name: function for name, function in SYMBOLS.items() if isinstance(function, type)},
}
#: What a symbol that is not in the notation may be said to be.
_DOMAINS = frozenset(("real", "positive", "nonnegative", "integer"))
_COMPARISONS = {ast.Lt: sp.Lt, ast.LtE: sp.Le, ast.Gt: sp.Gt, ast.GtE: sp.Ge}


class _Relation(Reader):
    """Reads relations: tuples for limits and cases, and comparisons as conditions, come along.

    A symbol that the notation does not have is written ``Symbol('H', positive=True)``.
    """

    length = 5000

    def __init__(self) -> None:
        super().__init__(_NAMES, _FUNCTIONS)

    def read(self, node: ast.expr, depth: int = 0) -> Any:
        if isinstance(node, ast.Constant) and node.value is True:
            return sp.true
        if isinstance(node, ast.Tuple):
            return self.applied(sp.Tuple, *(self.read(each, depth + 1) for each in node.elts))
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            comparison = _COMPARISONS.get(type(node.ops[0]))
            if comparison is not None:
                sides = (self.read(each, depth + 1) for each in (node.left, *node.comparators))
                return self.applied(comparison, *sides)
        return super().read(node, depth)

    def call(self, node: ast.Call, depth: int) -> Any:
        if not (isinstance(node.func, ast.Name) and node.func.id == "Symbol"):
            return super().call(node, depth)
        named = [each.value for each in node.args if isinstance(each, ast.Constant)]
        said = {
            each.arg: each.value.value
            for each in node.keywords
            if each.arg in _DOMAINS and isinstance(each.value, ast.Constant)
        }
        if (
            len(named) != 1
            or (len(node.args), len(node.keywords)) != (1, len(said))
            or not (isinstance(named[0], str) and named[0].isidentifier() and len(named[0]) <= 40)
            or not all(value is True for value in said.values())
        ):
            raise Unreadable("a symbol is written Symbol('H', positive=True)")
        return sp.Symbol(named[0], **said)


def read(text: str) -> Any:
    """Return the expression or relation that ``text`` stands for, in the paper's symbols.

    Raises
    ------
    bntheory.reading.Unreadable
        A ``ValueError``, where it is neither; it is read and never run.
    """
    return _Relation().text(text)
