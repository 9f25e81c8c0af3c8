"""How strongly two records point to one person, in bits."""
