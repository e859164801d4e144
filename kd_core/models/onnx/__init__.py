"""Networks as ONNX graphs: made of a teacher's, or brought by a user, and run by onnxruntime."""
