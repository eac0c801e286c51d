"""Where users meet Lotsen: the web chat now, Microsoft Teams later."""
