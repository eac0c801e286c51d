"""How the next action is chosen: Rasa's rules, without the work that changes nothing."""
