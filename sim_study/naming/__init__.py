"""What things are called: layers, result keys, quantities, configurations; below everybody."""
