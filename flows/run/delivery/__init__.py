"""How the delivery of tasks bears with a task list: how long it waits, and when it stops."""
