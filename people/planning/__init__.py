"""Which follow-ups become tasks, and when."""
