"""The journal: what the user wrote down, one line of CSV each."""
