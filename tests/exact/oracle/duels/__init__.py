"""One duel per protocol: how its deployed contracts are set up, and which moves are drawn."""
