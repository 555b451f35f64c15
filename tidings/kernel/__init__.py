"""What every domain stands on; no business words, tables but never pages."""
