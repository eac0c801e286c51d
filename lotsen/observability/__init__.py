"""What an operator sees of a running Lotsen: metrics, health, logs with a turn id, traces."""
