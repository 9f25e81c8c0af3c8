"""Requests to Google: the login, the transport, retries, pages and errors."""
