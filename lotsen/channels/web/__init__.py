"""The web chat: sessions, the log, turns, streams of news, the widget and who may embed it."""
