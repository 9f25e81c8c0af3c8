"""Mail on an IMAP server: headers only, and nothing there changes."""
