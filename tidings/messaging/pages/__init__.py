"""Pages of messaging: messages and their recipients, texts, relays and voice, caught mail."""
