"""Texts, messages, recipients, deliveries and reach; knows recipients as plain values only."""
