"""How a graph of primitives runs in memory that is laid out beforehand.

Steps are put together in groups that go over rows block by block (`groups`), each tensor gets a
place in one arena (`storing`, `arena`), and what is left to do is written as calls of NumPy on
views that exist already (`program`).
"""
