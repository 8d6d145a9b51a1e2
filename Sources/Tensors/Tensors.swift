// Tensors: see the plan of the house in README.md.
