"""Base page, components, CSS, charts and error pages; knows no domain."""
