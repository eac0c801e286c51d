"""Microsoft Teams: messages in over the Bot Connector's protocol, answers out as text and Adaptive Cards."""
