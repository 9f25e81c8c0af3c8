"""Who conducts a run: what conductors share, and the one that works in this process, without Prefect."""
