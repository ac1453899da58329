"""Documents, state and what the workspace holds become a plan. Pure: nothing here reads or writes the world."""
