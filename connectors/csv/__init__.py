"""Contacts in any CSV file: an address book, a CRM, a spreadsheet."""
