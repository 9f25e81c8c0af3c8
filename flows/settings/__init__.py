"""touchbase.toml: its model, how it is loaded, and folders of many networks."""
