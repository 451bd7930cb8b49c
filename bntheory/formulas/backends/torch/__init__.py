"""The formulas for torch, generated."""
