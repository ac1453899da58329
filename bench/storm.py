"""The storm law, as often as one likes: every weather of the tests with one seed after the other.

    python bench/storm.py [--seeds 20]

One line: how many publishes were driven through the storm, the faults that struck, the runs that it took at most and in
the mean, and how many did not end as they do in calm weather. Exits with 1 if any did not.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from site_folder import Site
from snapshot import snapshot
from stories import first, then
from test_storm import WEATHERS, Sky, undisturbed

from publisher.emulator.faults import parse


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=20)
    seeds = parser.parse_args().seeds
    runs: list[int] = []
    struck = wrong = 0
    for dialect in ("buildin", "notion"):
        with tempfile.TemporaryDirectory() as root:
            wanted = undisturbed(Site(Path(root), {"dialect": dialect}))
        for weather in WEATHERS.values():
            for seed in range(seeds):
                with tempfile.TemporaryDirectory() as root:
                    site = Site(Path(root), {"dialect": dialect})
                    sky = Sky(site, parse(weather.format(seed=seed)))
                    for story, there in zip((first, then), wanted, strict=True):
                        story(site)
                        runs.append(sky.converge())
                        wrong += site.with_workspace(snapshot) != there
                    struck += sky.faults.injected
    print(
        f"{len(runs)} publishes, {struck} faults, at most {max(runs)} runs each, {statistics.mean(runs):.2f} in the mean, "
        f"{wrong} not as in calm weather"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
