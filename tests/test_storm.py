"""The storm law: three requests in ten go wrong in every way there is; publishing converges, and nothing is twice.

Waiting is simulated, so that an hour of backing off costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from site_folder import Site
from snapshot import snapshot
from stories import first, then
from virtual_time import now, run

from publisher.emulator.app import create_app
from publisher.emulator.faults import Faults, parse
from publisher.errors import PagemillError, TokenError
from publisher.job import Job
from publisher.remote.connect import connect
from publisher.remote.retry import Patience
from publisher.report import Report
from publisher.store import Store
from publisher.sync import Run
from publisher.workplace import state_file

WEATHERS = {
    "everything": "429:3@4%,529:2@3%,500@3%,500-after@3%,502@2%,503@2%,503-after@4%,504-after@3%,reset@2%,"
    "reset-after@3%,truncate@3%,delay:20@3%,seed={seed}",
    "lost answers": "500-after@w6%,503-after@w8%,504-after@w6%,reset-after@w6%,truncate@w4%,seed={seed}",
    "writes refused": "503@w15%,504-after@w15%,seed={seed}",
    "overload": "429:30@20%,529:60@10%,seed={seed}",
}
RUNS = 40  # far more than are needed: what is asked is that there is an end


class Sky:
    """The embedded workspace of a site, with weather."""

    def __init__(self, site: Site, faults: Faults) -> None:
        self.site = site
        self.faults = faults
        workspace = site.settings().workspace
        assert workspace is not None
        workspace.parent.mkdir()
        self.app = create_app(workspace, faults=faults)

    def connect(self, count: Callable[[], None]) -> Any:
        dialect = self.site.settings().dialect
        return connect(
            dialect,
            "",
            "token",
            app=self.app,
            patience=Patience(refused=600, failing=20, absent=5),
            on_request=lambda _: count(),
            clock=now,
        )

    def publish(self) -> Report | PagemillError:
        """One run; an outage that outlasted its patience is an answer too."""
        settings = self.site.settings(prune=True)
        store = Store(state_file(settings))
        try:
            return run(Run(Job(settings, self.connect, force=True), store).publish())
        except TokenError:
            raise
        except PagemillError as error:
            return error
        finally:
            store.close()

    def converge(self) -> int:
        """Publish until a run says that all is well; how many it took."""
        for number in range(1, RUNS + 1):
            report = self.publish()
            if isinstance(report, Report) and not report.failed:
                assert report.conflicts == 0, report.diagnostics
                return number
        raise AssertionError(f"Not there after {RUNS} runs: {report}")


def undisturbed(site: Site) -> list[list[str]]:
    """What stands there after each chapter when nothing goes wrong."""
    calm = replace(site, root=site.root / "calm")
    found = []
    for story in (first, then):
        story(calm)
        assert calm.publish(prune=True, force=True).failed == 0
        found.append(calm.with_workspace(snapshot))
    return found


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("weather", list(WEATHERS))
def test_publishing_converges_and_nothing_is_twice(site: Site, weather: str, seed: int) -> None:
    wanted = undisturbed(site)
    sky = Sky(site, parse(WEATHERS[weather].format(seed=seed)))
    for story, there in zip((first, then), wanted, strict=True):
        story(site)
        sky.converge()
        assert "\n".join(site.with_workspace(snapshot)) == "\n".join(there)
        calm = site.publish(prune=True)
        assert (calm.reads, calm.writes) == (0, 0)
    assert sky.faults.injected > 5
