"""Rule files read and checked, and the user's own rule tests."""
