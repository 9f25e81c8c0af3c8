"""The journal: a CSV file in which the user records what happened."""
