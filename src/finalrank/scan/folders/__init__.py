"""The runs folders: where they are, what lies in them, and the system calls that read it."""
