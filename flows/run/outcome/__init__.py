"""How a run went: its report, its name in the list of runs, and what needs attention."""
