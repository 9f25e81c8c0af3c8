"""Rules shown to people: why, what a change does, and the reference."""
