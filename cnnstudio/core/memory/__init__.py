"""The memory of a GPU that training and inference take, from the layer list alone.

`nodes` lays the network out as it runs; `forward` and `backward` run it on a `recording`, which makes a `trace`;
`model` finds peaks for a batch, `fitting` answers for a card, `kept` tells layer by layer what is kept for backward;
`answer` puts that together for all who ask.
"""
