"""`python -m publisher` and the `pagemill` command."""

from __future__ import annotations

import sys


def main() -> int:
    from publisher.cli import run

    if sys.argv[1:2] != ["hook"]:  # a push without docs must not wait for what it does not need
        from publisher.pool import enable

        enable()
    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
