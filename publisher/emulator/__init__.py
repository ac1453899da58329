"""The embedded workspace: an ASGI app over SQLite that speaks Buildin V2 and Notion 2026-03-11."""
