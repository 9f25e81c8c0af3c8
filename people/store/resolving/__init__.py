"""Resolve identities in the store, and write the people that result."""
