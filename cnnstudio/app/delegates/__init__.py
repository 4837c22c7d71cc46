"""How cells are drawn and edited; a delegate never writes to a model, it asks the document for an edit."""
