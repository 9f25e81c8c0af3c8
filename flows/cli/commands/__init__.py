"""The commands of ``touchbase``, one module for each family."""
