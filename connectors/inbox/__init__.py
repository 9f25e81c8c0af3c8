"""The inbox: a text file that any phone can append to, with one thought per line."""
