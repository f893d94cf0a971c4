"""What a module is trained to do: pure functions of tensors."""
