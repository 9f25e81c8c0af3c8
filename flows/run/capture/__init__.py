"""People that the user adds by hand: who is meant, new cards, and the lines of the inbox."""
