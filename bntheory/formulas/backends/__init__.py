"""The same formulas for torch tensors, mpmath numbers and Python floats."""
