"""From the flat list of a draft to a design that one would have written: outputs, blocks, repeats, names, proof."""
