"""The porch: everything that opens a socket or reads a file of market data."""
