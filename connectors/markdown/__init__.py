"""Tasks as one Markdown checklist."""
