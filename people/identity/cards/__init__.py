"""What a card says: names, addresses and numbers, in a form that can be compared."""
