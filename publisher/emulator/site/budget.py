"""Time that one answer may spend on what is nice to have: colours in code, drawn equations.

Some grammars of the libraries take quadratic time on odd text, and anybody can write odd text into a page.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter


class Budget:
    """Runs work until `seconds` have been spent; after that, the plain form has to do."""

    __slots__ = ("left",)

    def __init__(self, seconds: float = 1.0) -> None:
        self.left = seconds

    def spend(self, work: Callable[[], str], otherwise: Callable[[], str]) -> str:
        """The result of `work`, or that of `otherwise` when nothing is left to spend."""
        if self.left <= 0:
            return otherwise()
        began = perf_counter()
        result = work()
        self.left -= perf_counter() - began
        return result
