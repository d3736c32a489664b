"""Pages and tables about the tool itself: ops, conventions, scenarios, the schema."""
