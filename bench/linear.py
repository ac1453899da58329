"""How conversion time grows on hostile input: eight times the text should take about eight times as long.

    python bench/linear.py

Prints the worst growth of all inputs of the converter's laws (8 is linear, 64 quadratic) and which input it was.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from test_converter_laws import PATHOLOGICAL

from converters.document import convert

SMALL, TIMES, RUNS = 2_500, 8, 3


def seconds(make: Callable[[int], str], size: int) -> float:
    """The least of some runs: what disturbs a run only ever adds to it."""
    text = make(size)
    found = []
    gc.disable()  # it looks at all objects again and again, whoever made them
    for _ in range(RUNS):
        start = time.process_time()
        convert(text, "p.md")
        found.append(time.process_time() - start)
        gc.collect()
    gc.enable()
    return min(found)


def main() -> int:
    growth = {
        name: seconds(make, SMALL * TIMES) / seconds(make, SMALL) for name, make in PATHOLOGICAL.items()
    }
    worst = max(growth, key=lambda name: growth[name])
    print(
        f"{len(growth)} inputs: {TIMES} times the text takes at most {growth[worst]:.1f} times as long ({worst})"
    )
    return 0 if growth[worst] < 2 * TIMES else 1


if __name__ == "__main__":
    raise SystemExit(main())
