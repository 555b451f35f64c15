"""Tables of texts, messages, recipients and results."""
