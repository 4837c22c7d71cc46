"""The report of an import: what was assumed, replaced and left out, and the proof."""
