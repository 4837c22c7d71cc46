"""The containers that network files are made of, read for their structure alone: never a weight, never code."""
