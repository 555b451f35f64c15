"""A SELECT with its parameters, to build on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fragment:
    """A SELECT and its named parameters; every name begins with `at_`."""

    sql: str
    params: Values

    def numbered(self, number: str) -> "Fragment":
        """The same with parameters of its own, to stand beside others in one statement."""
        sql = self.sql.replace("%(at_", f"%(at_{number}_")
        return Fragment(
            sql, {name.replace("at_", f"at_{number}_", 1): value for name, value in self.params.items()}
        )
