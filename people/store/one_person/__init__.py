"""Everything that the store holds of one person: to hand it out, and to forget it."""
