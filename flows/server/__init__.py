"""touchbase serve: the Prefect server, its UI, a worker, and their processes."""
