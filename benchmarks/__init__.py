"""Speed and memory of the house beside its peers: `python -m benchmarks`."""
