"""Every validation gives its verdicts, and refutes errors that are planted in the predictions.

Fewer samples than by default: nothing that is right is refuted, and what is wrong is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from typing import Any

import pytest

import validation
from bntheory import paper
from bntheory.formulas import regularizer
from bntheory.simulation import Run
from bntheory.verdict import Check
from validation import (
    bn_dynamics,
    c1_rf,
    c1_rq,
    c4,
    capacities,
    eq8,
    eq9,
    eq10,
    fields,
    growth,
    interpolating,
    offline,
    own_batch_decay,
    own_batch_rest,
    prior,
    prop1,
    prop2,
    sec2_output,
    sec3_remark,
    table1_bn,
    thm1,
    wn_range,
)
from validation.models import LINEAR, LOGISTIC, SOFTPLUS, Model

IDS = tuple(validation.available())


@pytest.fixture(autouse=True)
def _measured_anew() -> Iterator[None]:
    """What two validations share is measured once for a run, at sizes that differ here."""
    yield
    for module in (interpolating, capacities):
        module.measured.cache_clear()


def few_replicas(monkeypatch: pytest.MonkeyPatch, module: Any) -> None:
    """Measure on few replicas, of the smaller size alone, and train for fewer steps."""
    for shared in (module, interpolating, capacities, offline):
        if hasattr(shared, "SIZES") and all(isinstance(pair, tuple) for pair in shared.SIZES):
            N, count = shared.SIZES[0]
            monkeypatch.setattr(shared, "SIZES", ((N, max(12, count // 16)),))
    for name, few in (("STEPS", 300), ("EPOCHS", 40), ("STARTS", 2), ("TIMES", (3, 40))):
        if hasattr(module, name):
            monkeypatch.setattr(module, name, few)


def few_students(monkeypatch: pytest.MonkeyPatch, module: Any) -> None:
    """Train fewer students online."""
    for shared in {module, growth, eq10}:
        if hasattr(shared, "REPLICAS"):
            monkeypatch.setattr(shared, "REPLICAS", shared.REPLICAS // 10)


def fewer(monkeypatch: pytest.MonkeyPatch, module: Any, samples: int) -> None:
    for name in ("SAMPLES", "DRAWS"):
        if hasattr(module, name):
            monkeypatch.setattr(module, name, min(samples, getattr(module, name)))


@pytest.mark.parametrize("id", IDS)
def test_every_validation_runs_and_refutes_nothing_derived(
    id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = import_module(f"validation.{id.replace('-', '_')}")
    for shared in (module, fields):
        fewer(monkeypatch, shared, 2**17)
    few_replicas(monkeypatch, module)
    few_students(monkeypatch, module)
    if id == "eq4":
        monkeypatch.setattr(module, "SAMPLES", 2**13)
    if id in ("c4", "sec2-correlations"):
        monkeypatch.setattr(module, "ROUNDS", 8)
    found = validation.validate(id)
    assert found.checks and found.passed
    assert any(check.form == "derived" for check in found.checks)
    assert len({(c.system, c.quantity, c.form) for c in found.checks}) == len(found.checks)


# -- planted errors, of the learning dynamics ----------------------------------------------------


def refuted(id: str, form: str = "derived") -> set[str]:
    checks = validation.validate(id).checks
    return {c.quantity for c in checks if c.form == form and c.verdict == "refuted"}


@pytest.mark.parametrize(("id", "name"), [("eq13", "I1"), ("eq14", "I3"), ("eq15", "I2")])
def test_an_integral_off_by_a_twentieth(
    id: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    formulas = import_module("bntheory.formulas.relu")
    formula = getattr(formulas, name)
    monkeypatch.setattr(fields, "ACTIVATIONS", ("relu",))
    monkeypatch.setattr(fields, "PLACES", fields.PLACES[:1])
    assert not refuted(id)
    monkeypatch.setattr(formulas, name, lambda gamma, R: 1.05 * formula(gamma, R))
    assert refuted(id) == {name}


def test_rates_off_by_a_twentieth(monkeypatch: pytest.MonkeyPatch) -> None:
    own = eq9._evaluated
    monkeypatch.setattr(eq9, "PLACES", eq9.PLACES[:1])
    monkeypatch.setattr(eq9, "_evaluated", lambda *given: 1.05 * own(*given))
    assert refuted("eq9") == set(eq9.NAMES)


def test_steps_without_a_term(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sum of squares without what the projection takes off it, of order 1/N; R for 1.05 R."""
    own = eq8._evaluated
    monkeypatch.setattr(eq8, "PLACES", eq8.PLACES[:1])
    assert not refuted("eq8")
    assert refuted("eq8", "printed") == {"Delta_gamma2"}

    def without(step: Any, fields: Any, values: dict[str, float]) -> Any:
        *others, square = fields
        return own(step, (*others, square + 1 / values["N"]), values | {"R": 1.05 * values["R"]})

    monkeypatch.setattr(eq8, "_evaluated", without)
    assert refuted("eq8") == {"Delta_RL", "Delta_L2"}


def test_rates_of_batch_normalization_off_by_a_twentieth(monkeypatch: pytest.MonkeyPatch) -> None:
    own, at_rest = bn_dynamics.rates, bn_dynamics.fixed_point
    monkeypatch.setattr(bn_dynamics, "SIZES", (16,))
    monkeypatch.setattr(bn_dynamics, "LARGEST", (16,))
    monkeypatch.setattr(bn_dynamics, "PLACES", bn_dynamics.PLACES[:1])
    monkeypatch.setattr(
        bn_dynamics, "rates", lambda *given: tuple(1.05 * rate for rate in own(*given))
    )

    def wrong(M: int) -> Any:
        found = at_rest(M)
        return found.assign(eta_max=1.1 * found.eta_max)

    monkeypatch.setattr(bn_dynamics, "fixed_point", wrong)
    quantities = {"dgamma_dt", "dR_dt", "dL_dt", "largest stable effective rate over M"}
    assert refuted("bn-dynamics") == quantities


def test_a_trajectory_at_another_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 1.05 eta."""
    own = eq10.trajectory
    monkeypatch.setattr(eq10, "SETTINGS", eq10.SETTINGS[:2])
    monkeypatch.setattr(
        eq10, "trajectory", lambda *given, eta, **more: own(*given, eta=1.05 * eta, **more)
    )
    assert refuted("eq10")


def test_eigenvalues_off_by_a_twentieth(monkeypatch: pytest.MonkeyPatch) -> None:
    own, formula = growth.complete, prop2.relu.bn_lambda_gamma
    monkeypatch.setattr(prop2, "PLACES", prop2.PLACES[:1])
    monkeypatch.setattr(growth, "complete", lambda *given, **more: 1.05 * own(*given, **more))
    monkeypatch.setattr(prop2.relu, "bn_lambda_gamma", lambda *given: 1.05 * formula(*given))
    assert refuted("prop2") == {"lambda_gamma", "lambda_R"}


def test_the_largest_rate_off_by_a_twentieth(monkeypatch: pytest.MonkeyPatch) -> None:
    own = growth.predicted
    monkeypatch.setattr(growth, "predicted", lambda *given: 1.05 * own(*given))
    assert refuted("table1-wn") == {"largest stable effective learning rate"}


def test_the_end_of_a_path_off_by_a_tenth(monkeypatch: pytest.MonkeyPatch) -> None:
    own = wn_range.end
    monkeypatch.setattr(wn_range, "CASES", ())
    monkeypatch.setattr(wn_range, "PATHS", ((0.5, 0.0),))
    monkeypatch.setattr(wn_range, "REPLICAS", 51)
    assert not refuted("wn-range")
    monkeypatch.setattr(wn_range, "end", lambda *given: 1.1 * own(*given))
    assert refuted("wn-range") == {"effective rate at the end"}


def test_the_largest_rate_of_erf_off_by_a_twentieth(monkeypatch: pytest.MonkeyPatch) -> None:
    formulas = import_module("bntheory.formulas.erf")
    own = formulas.wn_eta_max
    monkeypatch.setattr(wn_range, "CASES", (("wn", "erf"),))
    monkeypatch.setattr(wn_range, "PATHS", ())
    monkeypatch.setattr(growth, "REPLICAS", 200)
    monkeypatch.setattr(formulas, "wn_eta_max", lambda: 1.05 * own())
    assert refuted("wn-range") == {"largest stable effective learning rate"}


def test_a_rest_off_by_a_twentieth(monkeypatch: pytest.MonkeyPatch) -> None:
    formula = prop1.relu.bn_fixed_point
    monkeypatch.setattr(prop1, "BATCHES", ())
    monkeypatch.setattr(prop1, "REPLICAS", 5)
    monkeypatch.setattr(prop1.relu, "bn_fixed_point", lambda zeta: 1.05 * formula(zeta))
    assert "gamma at rest" in refuted("prop1")


def test_a_speed_off_by_a_fifth(monkeypatch: pytest.MonkeyPatch) -> None:
    own = growth.complete
    monkeypatch.setattr(sec3_remark, "PAIRS", sec3_remark.PAIRS[:1])
    monkeypatch.setattr(growth, "complete", lambda *given, **more: 1.2 * own(*given, **more))
    assert refuted("sec3-remark") == {"growth of the speed"}


def test_a_step_that_is_not_the_printed_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another print of (1), (2) and (5) is refuted."""
    for id, relation in (
        ("eq1", "Eq(h_hat, gamma*(h - mu_B)/sigma_B - beta)"),
        ("eq2", "Eq(loss, -average(log(p(y, h_hat))) + 2*zeta*norm(parameters)**2)"),
        ("eq5", "Eq(Delta_gamma, eta*(delta*sqrt(N)*dot(w, x)/norm(w) - 2*zeta*gamma))"),
    ):
        statement = paper.find(id)
        relations = list(statement.relations)
        relations[min(1, len(relations) - 1)] = relation
        changed = replace(statement, relations=tuple(relations))
        monkeypatch.setitem(paper._BY_NAME, id, changed)
        half = [c for c in validation.validate(id).checks if "printed loss" not in c.system]
        assert any(c.verdict == "refuted" for c in half if c.form == "printed"), id


def test_an_output_that_is_decayed_more(monkeypatch: pytest.MonkeyPatch) -> None:
    own = sec2_output._mean_curvature
    monkeypatch.setattr(sec2_output, "SHIFTS", (0.0,))
    monkeypatch.setattr(sec2_output, "_mean_curvature", lambda *given: 1.05 * own(*given))
    assert refuted("sec2-output") == {"1/M term of the loss"}


def test_what_is_printed_and_does_not_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fields, "ACTIVATIONS", ("relu",))
    monkeypatch.setattr(prop1, "REPLICAS", 5)
    assert refuted("eq15", "printed") == {"I2"}
    assert refuted("prop3", "printed") == {"lambda_gamma"}
    assert refuted("prop1", "printed") == {"gamma at rest"}
    monkeypatch.setattr(table1_bn, "ZETAS", (0.2,))
    largest = "largest stable effective learning rate", "largest stable effective rate over M"
    assert refuted("table1-bn", "printed") == {*largest}


# -- planted errors ------------------------------------------------------------------------------

Predict = Callable[..., Any]


def without_bias(right: Predict) -> Predict:
    """The excess with an unbiased sigma_B: E v = 1, so that z/2 is taken off the shift."""
    def wrong(gamma: float, z: Any, M: float, rho: float, s: float, slope: Any, bend: Any) -> Any:
        return right(gamma, z, M, rho, s, slope, bend) - slope * gamma * z / (2 * M)

    return wrong


def not_excess(right: Predict) -> Predict:
    """The kurtosis with its 3."""
    return lambda gamma, z, M, rho, *rest: right(gamma, z, M, rho + 3, *rest)


def not_skewed(right: Predict) -> Predict:
    return lambda gamma, z, M, rho, s, *rest: right(gamma, z, M, rho, 0.0, *rest)


def no_member(right: Predict) -> Predict:
    """The excess with the sample outside of its batch: neither its pull nor its part of sigma_B."""
    def wrong(gamma: float, z: Any, M: float, rho: float, s: float, slope: Any, bend: Any) -> Any:
        own = slope * gamma * (-z - z * (z**2 - 1) / 2) / M
        return right(gamma, z, M, rho, s, slope, bend) - own

    return wrong


@pytest.mark.parametrize(
    ("error", "law"),
    [
        (without_bias, "gaussian"),
        (not_excess, "gaussian"),
        (not_skewed, "exponential"),
        (not_skewed, "mixture"),
        (no_member, "gaussian"),
        (no_member, "relu_gaussian"),
    ],
)
def test_wrong_terms_are_refuted(
    error: Callable[[Predict], Predict], law: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thm1, "NAMES", (law,))
    monkeypatch.setattr(thm1, "MODELS", (thm1.MODELS[0],))
    fewer(monkeypatch, thm1, 2**20)
    assert "refuted" not in verdicts(thm1.validate(Run()), "derived")
    wrong = error(regularizer.own_batch_excess)
    monkeypatch.setattr(regularizer, "own_batch_excess", wrong)
    assert "refuted" in verdicts(thm1.validate(Run()), "derived")


@pytest.mark.parametrize("kurtosis", [1.0, 3.0])
def test_theorem_1_with_another_kurtosis_is_refuted(
    kurtosis: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """rho is the excess: for Gaussian h and a true model only 0 will do."""
    monkeypatch.setattr(thm1, "NAMES", ("gaussian",))
    monkeypatch.setattr(thm1, "MODELS", ((SOFTPLUS, LINEAR, LOGISTIC),))
    fewer(monkeypatch, thm1, 2**19)
    assert verdicts(thm1.validate(Run()), "printed") == {"confirmed"}
    right = Model.theorem1
    monkeypatch.setattr(Model, "theorem1", lambda self, law: right(self, law, rho=kurtosis))
    assert verdicts(thm1.validate(Run()), "printed") == {"refuted"}


@pytest.mark.parametrize(
    ("module", "name"),
    [
        (c1_rf, "own_batch_shift"),
        (c1_rq, "own_batch_spread"),
        (own_batch_decay, "own_batch_decay"),
        (own_batch_rest, "gamma_at_rest"),
        (c4, "neuron_coupling"),
    ],
)
def test_a_wrong_factor_is_refuted(
    module: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = getattr(regularizer, name)
    factor = 0.0 if module is c4 else 1.25

    class Wrong:
        """A quarter more, for what is near 1 of its distance; no coupling at all."""

        __signature__ = right.__signature__

        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            value = right(*args, **kwargs)
            return 1 + factor * (value - 1) if name == "gamma_at_rest" else factor * value

        def torch(self, *args: Any) -> Any:
            return factor * right.torch(*args)

    fewer(monkeypatch, module, 2**20)
    monkeypatch.setattr(regularizer, name, Wrong())
    assert "refuted" in verdicts(module.validate(Run()), "derived")


def test_an_unbiased_sigma_is_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    """As printed in Sec. 2: E sigma_B = sigma_P."""
    fewer(monkeypatch, prior, 2**23)
    bias = [check for check in prior.validate(Run()) if "bias" in check.quantity]
    assert {check.verdict for check in bias if check.form == "printed"} == {"refuted"}
    assert "refuted" not in {check.verdict for check in bias if check.form == "derived"}


def verdicts(checks: Any, form: str) -> set[str]:
    found: list[Check] = [check for check in checks if check.form == form]
    assert found
    return {check.verdict for check in found}
