"""What an import loads, in a fresh interpreter: ``sys.modules`` is looked at, not the clock."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {"sympy", "mpmath", "torch", "matplotlib", "scipy.integrate", "xarray", "hypothesis"}


def loaded(code: str) -> set[str]:
    """Return the names of the modules that are loaded after some code has run."""
    script = f"{code}\nimport sys\nsys.stdout.write('\\n' + ' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize(
    "code",
    [
        "import bntheory",
        "import bntheory; bntheory.__version__",
        "import bntheory.formulas",
        "from bntheory.formulas import relu",
        "from bntheory.formulas import relu, linear, leaky_relu, erf",
        "from bntheory.formulas import erf; erf.bn_rates_aligned([1.0], 0.1, 1.0, 0.1, 0.0)",
        "from bntheory.formulas import relu; repr(relu.I1); relu.I1.source; relu.I1(R=1, gamma=2)",
        "from bntheory.formulas import relu; relu.bn_rates_aligned.math(1.0, 0.1, 1.0, 0.1, 0.0)",
        "import pickle; from bntheory.formulas import relu; pickle.loads(pickle.dumps(relu.I1))",
        "import bntheory.formula",
        "import bntheory.cli",
    ],
)
def test_light(code: str) -> None:
    assert not loaded(code) & HEAVY


@pytest.mark.parametrize(
    "code", ["import bntheory", "import bntheory.paper", "import bntheory.cli"]
)
def test_lighter_still(code: str) -> None:
    assert not loaded(code) & {"numpy", "scipy"}


@pytest.mark.parametrize(
    "code",
    [
        "import bntheory.paper",
        "from bntheory import paper; paper.find('prop4').title; [s.id for s in paper.STATEMENTS]",
        "import derivations; derivations.available()",
    ],
)
def test_the_paper_is_text(code: str) -> None:
    assert not loaded(code) & HEAVY


@pytest.mark.parametrize(
    ("attribute", "brings"), [("torch", "torch"), ("mp", "mpmath"), ("expr", "sympy")]
)
def test_each_attribute_brings_its_own_library_alone(attribute: str, brings: str) -> None:
    found = loaded(f"from bntheory.formulas import relu; relu.I1.{attribute}") & HEAVY
    assert brings in found
    assert found <= {brings, "mpmath"} if attribute == "expr" else found == {brings}


@pytest.mark.parametrize(
    "code",
    [
        "import derivations; derivations.derive('eq13')",
        "from bntheory.derive import main; main(['eq9', '--format', 'json'])",
        "import bntheory.codegen.catalogue",
        "import bntheory.testing",
    ],
)
def test_deriving_needs_no_torch(code: str) -> None:
    assert not loaded(code) & {"torch", "matplotlib", "scipy.integrate"}


def test_torch_is_only_needed_by_who_asks_for_tensors() -> None:
    """Without torch installed everything else works, and the message names what is missing."""
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from bntheory.formulas import relu\n"
        "relu.I1(1.0, 0.5)\n"
        "try:\n    relu.I1.torch\n"
        "except ImportError as error:\n    assert 'torch' in str(error)\n"
        "else:\n    raise AssertionError"
    )
    loaded(code)
