// Gradients: which tensors track them, where they are kept, and the backward pass.
#include "shim.h"

#include <torch/csrc/autograd/autograd.h>

#include <vector>

using shim::borrow;
using shim::guarded;
using shim::Handle;
using shim::release;

namespace {

std::vector<at::Tensor> borrow_all(const Handle* handles, int32_t count) {
  std::vector<at::Tensor> tensors;
  tensors.reserve(count);
  for (int32_t i = 0; i < count; ++i) {
    tensors.push_back(borrow(handles[i]));
  }
  return tensors;
}

} // namespace

SHIM_API int32_t shim_requires_grad(Handle handle, int32_t* result) {
  return guarded([&] { *result = borrow(handle).requires_grad(); });
}

SHIM_API int32_t shim_set_requires_grad(Handle handle, int32_t value) {
  return guarded([&] { borrow(handle).requires_grad_(value != 0); });
}

SHIM_API int32_t shim_is_leaf(Handle handle, int32_t* result) {
  return guarded([&] { *result = borrow(handle).is_leaf(); });
}

SHIM_API int32_t shim_retain_grad(Handle handle) {
  return guarded([&] { borrow(handle).retain_grad(); });
}

SHIM_API int32_t shim_grad(Handle handle, Handle* result) {
  return guarded([&] {
    at::Tensor gradient = borrow(handle).grad();
    *result = release(std::move(gradient));
  });
}

SHIM_API int32_t shim_set_grad(Handle handle, Handle value) {
  return guarded([&] {
    auto tensor = borrow(handle);
    auto gradient = borrow(value);
    if (gradient.defined()) {
      TORCH_CHECK(gradient.sizes() == tensor.sizes(),
          "assigned grad has data of a different size: expected ", tensor.sizes(), ", got ", gradient.sizes());
      TORCH_CHECK(gradient.scalar_type() == tensor.scalar_type(),
          "assigned grad has data of a different type: expected ", tensor.scalar_type(), ", got ",
          gradient.scalar_type());
    }
    tensor.mutable_grad() = gradient;
  });
}

// An entry of gradients may be null, which stands for "1" for a scalar.
SHIM_API int32_t shim_backward(
    const Handle* tensors, const Handle* gradients, int32_t count,
    const Handle* inputs, int32_t input_count, int32_t retain_graph, int32_t create_graph) {
  return guarded([&] {
    torch::autograd::backward(
        borrow_all(tensors, count), borrow_all(gradients, count), retain_graph != 0, create_graph != 0,
        borrow_all(inputs, input_count));
  });
}

SHIM_API int32_t shim_gradients_of(
    const Handle* outputs, const Handle* gradients, int32_t count, const Handle* inputs, int32_t input_count,
    int32_t retain_graph, int32_t create_graph, int32_t allow_unused, Handle* results) {
  return guarded([&] {
    auto computed = torch::autograd::grad(
        borrow_all(outputs, count), borrow_all(inputs, input_count), borrow_all(gradients, count),
        retain_graph != 0, create_graph != 0, allow_unused != 0);
    for (int32_t i = 0; i < input_count; ++i) {
      results[i] = release(std::move(computed[i]));
    }
  });
}
