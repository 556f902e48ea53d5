"""What `precollect WORD` does beside checking a commit: a module or folder for each word."""
