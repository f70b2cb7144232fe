"""Files of weights: .npz, .safetensors, Keras' .weights.h5 and .keras."""
