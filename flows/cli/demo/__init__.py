"""The sample network, and a stand-in for Google to try it with."""
