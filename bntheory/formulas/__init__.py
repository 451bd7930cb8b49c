"""Fast numeric functions, generated from the derivations: one module for each activation.

``from bntheory.formulas import relu`` and then ``relu.bn_rates(gamma, R, L, eta, zeta)``.  Every
function broadcasts over arrays and carries ``.expr``, ``.latex``, ``.source``, ``.torch``, ``.mp``
and ``.math``; see :class:`bntheory.formula.Formula`.
"""
