"""Pages of the staff, and of the keys that programs come in with."""
