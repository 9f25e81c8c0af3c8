"""Mail in files: an mbox (also Google Takeout's), a Maildir, or a folder of them."""
