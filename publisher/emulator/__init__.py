"""The embedded workspace: an ASGI app over SQLite that speaks Buildin V2 and Notion 2026-03-11.

Both services are served over one and the same workspace, each as strictly as its documents say. It imports nothing
of ours, so that it can judge every request we make. What it does not do: compute formulas and rollups (they are
kept), keep the two sides of a dual relation in step, take Markdown instead of blocks, fetch files from elsewhere,
hold attachments of comments, make a template the default of a data source. Such requests are refused where accepting
them would mean to lose something.
"""
