"""What spans domains on a page: worklist, search, settings index."""
