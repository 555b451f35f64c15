"""Staff: users, units, roles and what each may do."""
