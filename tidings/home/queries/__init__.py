"""What spans domains, read together; one file per ability."""

from tidings.home.queries.audit import audit_lines, names_behind
from tidings.home.queries.pressing import pressing
from tidings.home.queries.search import Found, search
from tidings.home.queries.waiting import Waiting
from tidings.home.queries.worklist import worklist

__all__ = ["Found", "Waiting", "audit_lines", "names_behind", "pressing", "search", "worklist"]
