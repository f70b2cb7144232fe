"""What graphs are made of: sizes, types, primitives, symbolic tensors, records."""
