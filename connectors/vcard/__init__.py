"""vCards: a .vcf file or a folder of them. Repair first (ours), then vobject, one card at a time."""
