"""What asks for many runs, or for another loop: comparisons and traces."""
