"""Measurements: each prints its goals beside what it measured. Run by make bench."""
