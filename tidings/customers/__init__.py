"""Customers, their contacts, languages, channel ladders and legal bases."""
