"""The other files of a project, for what they say of a network: the calls that make it, and settings that they read."""
