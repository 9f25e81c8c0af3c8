"""What names a forgotten person outside the store: found, removed if it is ours, and listed if it is not."""
