"""What is told: pure functions of what a run kept, one file a question."""
