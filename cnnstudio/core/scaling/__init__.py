"""A design made wider, deeper or larger by factors, its groups, merges and outputs kept legal."""
