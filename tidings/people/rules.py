"""What each role may do. Pure."""
