"""What a rule file may say: its words, its shape, its mistakes."""
