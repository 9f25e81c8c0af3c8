"""What the sources of mail share: addresses, kinds, folder names, settings."""
