"""Sweeps: a validation at every point of a product of axes, as independent tasks.

``axes`` reads what is swept over, ``task`` is what is done at a point, ``local`` and ``cluster`` do
it on this machine or where a Dask scheduler says, ``dataset`` keeps what is done, ``loop`` brings
them together, and ``rates`` says how often verdicts and intervals were wrong.
"""
