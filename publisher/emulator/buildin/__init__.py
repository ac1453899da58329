"""The embedded workspace as Buildin V2."""
