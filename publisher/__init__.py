"""A folder of Markdown becomes pages and stays pages: scan, plan, apply."""

__version__ = "0.1.0"
