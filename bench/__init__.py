"""What a payment webhook costs: `make bench`."""
