"""The database: its schema, connections, migrations and bulk writes."""
