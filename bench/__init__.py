"""One script per figure that the README claims; each starts a database of its own and prints what it measured."""
