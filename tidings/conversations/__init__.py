"""What comes in: by which door, what it is, and whose answer it is."""
