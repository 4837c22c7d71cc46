"""Qt models that apply row differences."""
