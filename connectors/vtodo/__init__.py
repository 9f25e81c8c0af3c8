"""Tasks as a folder of .ics files (vdir)."""
