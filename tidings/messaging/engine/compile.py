"""Compiles a frozen text into a skeleton with typed slots. The template language is described in `text.py`."""
