"""What beginners write instead, and how it is said here."""
