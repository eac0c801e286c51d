"""The files of deploy/: checked by tools, and run as far as a machine without a container engine can."""
