"""Who is who, worked out on the store and written to it."""
