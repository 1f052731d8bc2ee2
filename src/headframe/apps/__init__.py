"""What people start: the command line. Friendly here, exact below."""
