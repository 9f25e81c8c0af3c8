"""What people read: the digest, its mail, documents, tables and the HTML report."""
