"""The door: from the engine's tables to the sufficient statistics of estimation, and nothing else passes."""
