// What is read from a tensor without running an operator, and how memory becomes a tensor.
#include "shim.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>

#include <cstring>
#include <string>

using shim::borrow;
using shim::guarded;
using shim::Handle;
using shim::release;

namespace {

at::TensorImpl& impl(Handle handle) {
  return *static_cast<at::TensorImpl*>(handle);
}

} // namespace

namespace shim {

static thread_local std::string last_error;

void remember_error(const char* message) noexcept {
  try {
    last_error = message;
  } catch (...) {
    last_error.clear();
  }
}

} // namespace shim

SHIM_API const char* shim_last_error() {
  return shim::last_error.c_str();
}

SHIM_API void shim_tensor_release(Handle handle) {
  guarded([&] {
    c10::intrusive_ptr<at::TensorImpl, at::UndefinedTensorImpl>::reclaim(static_cast<at::TensorImpl*>(handle));
  });
}

SHIM_API Handle shim_tensor_share(Handle handle) {
  return release(borrow(handle));
}

SHIM_API int64_t shim_tensor_dim(Handle handle) {
  return impl(handle).dim();
}

SHIM_API int64_t shim_tensor_numel(Handle handle) {
  return impl(handle).numel();
}

// Stays valid while the tensor keeps its shape.
SHIM_API const int64_t* shim_tensor_sizes(Handle handle) {
  return impl(handle).sizes().data();
}

SHIM_API int32_t shim_tensor_dtype(Handle handle) {
  return static_cast<int32_t>(c10::typeMetaToScalarType(impl(handle).dtype()));
}

SHIM_API int32_t shim_tensor_device(Handle handle, int32_t* index) {
  const auto device = impl(handle).device();
  *index = device.index();
  return static_cast<int32_t>(device.type());
}

SHIM_API int32_t shim_tensor_strides(Handle handle, int64_t* strides) {
  return guarded([&] {
    const auto source = impl(handle).strides();
    std::memcpy(strides, source.data(), source.size() * sizeof(int64_t));
  });
}

SHIM_API int32_t shim_tensor_is_contiguous(Handle handle, int32_t* result) {
  return guarded([&] { *result = impl(handle).is_contiguous(); });
}

SHIM_API int32_t shim_tensor_storage_offset(Handle handle, int64_t* result) {
  return guarded([&] { *result = impl(handle).storage_offset(); });
}

SHIM_API int32_t shim_tensor_is_sparse(Handle handle) {
  return impl(handle).is_sparse();
}

SHIM_API int32_t shim_tensor_data(Handle handle, void** result) {
  return guarded([&] { *result = borrow(handle).data_ptr(); });
}

SHIM_API int32_t shim_tensor_copy_memory(
    const void* data, int64_t bytes, const int64_t* sizes, int32_t dimensions, int32_t dtype, Handle* result) {
  return guarded([&] {
    auto tensor = at::empty(
        at::IntArrayRef(sizes, dimensions), at::TensorOptions().dtype(static_cast<at::ScalarType>(dtype)));
    const auto expected = static_cast<int64_t>(tensor.numel() * tensor.element_size());
    TORCH_CHECK(bytes == expected, "the shape needs ", expected, " bytes but ", bytes, " were given");
    if (bytes > 0) {
      std::memcpy(tensor.data_ptr(), data, bytes);
    }
    *result = release(std::move(tensor));
  });
}

SHIM_API int32_t shim_tensor_share_memory(
    void* data, const int64_t* sizes, int32_t dimensions, int32_t dtype,
    void (*done)(void*), void* context, Handle* result) {
  return guarded([&] {
    auto tensor = at::from_blob(
        data, at::IntArrayRef(sizes, dimensions), [done, context](void*) { done(context); },
        at::TensorOptions().dtype(static_cast<at::ScalarType>(dtype)));
    *result = release(std::move(tensor));
  });
}
