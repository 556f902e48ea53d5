"""What is remembered from one run to the next, in small files of the user's cache folder.

All of it is safe to delete, safe beside other runs, and simply not used where it cannot be read
or written, was written by another version of this program, or holds anything else.
"""
