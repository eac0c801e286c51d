"""How people sign in to the desk: the identity provider, a proxy, the reserve account; sessions."""
