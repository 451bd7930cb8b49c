"""The formulas for mpmath, generated."""
