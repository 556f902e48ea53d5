"""What `pytest` would do when it starts and collects, worked out from the files of a commit alone."""

__version__ = "0.1.0"
