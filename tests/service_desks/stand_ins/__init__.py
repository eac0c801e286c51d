"""Stand-ins for service desks, written from the products' published documentation. One module each."""
