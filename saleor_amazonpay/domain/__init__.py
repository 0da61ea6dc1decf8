"""Pure rules about money, agreements and operations: no I/O, standard library only."""
