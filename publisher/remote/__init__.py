"""The port to a workspace, and its decorators: client, retry, throttle, record."""
