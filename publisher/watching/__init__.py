"""What `watch` is made of: events settle, the folder is looked at, what came of it is shown."""
