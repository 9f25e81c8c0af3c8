"""What the commands show on a terminal, one module per screen."""
