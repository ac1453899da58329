"""The embedded workspace as Notion 2026-03-11 (and the older shapes of `versions`)."""
