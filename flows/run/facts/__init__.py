"""What the rules look at: meetings, people and mutual support, and the evidence behind each fact."""
