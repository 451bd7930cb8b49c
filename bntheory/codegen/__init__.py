"""From derived expressions to source: :mod:`bntheory.formulas` is written here.

``python -m bntheory.codegen`` regenerates it, ``--check`` compares what is there with what would be
written.
"""
