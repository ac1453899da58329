"""Publishing is convergence: compare what the folder says with what the workspace holds, send the difference.

First publish, edit, resume after a crash, repair after somebody's edit are one algorithm: settle what is in doubt,
recognise what is there, plan, apply; and again, if an answer was lost on the way.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from converters.blocks import FileRef, PageRef
from converters.dialects.base import BlockInput, PageHead, address, references, resolve
from publisher.apply import Applier, Outcome, PageStep, Stopping
from publisher.errors import ConflictError, PagemillError, UnknownOutcomeError
from publisher.folder import Folder
from publisher.planning.base import Node, tree_digest
from publisher.report import Action, PageReport, Report
from publisher.store import KnownPage, Store
