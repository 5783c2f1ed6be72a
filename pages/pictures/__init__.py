"""Pictures to be passed on: the torch badge, the invite poster, the chain as a tree. Pure: values in, bytes out."""
