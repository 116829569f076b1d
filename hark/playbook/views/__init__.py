"""Pages of the playbook, and what of it stands beside a case."""
