"""LinkedIn's own export of connections."""

from connectors.linkedin.source import LinkedInSource

__all__ = ["LinkedInSource"]
