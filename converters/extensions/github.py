"""GitHub's own additions to GFM. (HTML, task lists and bare addresses belong to the core.)"""

from __future__ import annotations

from converters.extensions.alerts import ALERTS
from converters.extensions.emoji import EMOJI
from converters.extensions.footnotes import FOOTNOTES
from converters.extensions.maths import MATH
from converters.state import Extension

EXTENSIONS: tuple[Extension, ...] = (ALERTS, FOOTNOTES, MATH, EMOJI)
