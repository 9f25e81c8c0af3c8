"""vCards: a .vcf file or a folder of them. Repair first (ours), then vobject, one card at a time."""

from connectors.vcard.source import VCardSource, read_contacts

__all__ = ["VCardSource", "read_contacts"]
