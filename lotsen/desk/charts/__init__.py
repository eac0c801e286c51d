"""Charts that are tables too."""
