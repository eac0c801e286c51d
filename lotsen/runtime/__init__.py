"""Running Lotsen: training when needed, starting and stopping its processes, asking the model without a server."""
