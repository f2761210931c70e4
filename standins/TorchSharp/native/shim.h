// What the four parts of the native layer share: handles, error reporting, exported signatures.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/util/Exception.h>

#include <cstdint>
#include <exception>

#define SHIM_API extern "C" __attribute__((visibility("default")))

namespace shim {

// A handle is a TensorImpl that owns one reference; no further allocation stands between a managed tensor and libtorch.
using Handle = void*;

inline at::Tensor borrow(Handle handle) {
  using Pointer = c10::intrusive_ptr<at::TensorImpl, at::UndefinedTensorImpl>;
  if (handle == nullptr) {
    return at::Tensor();
  }
  return at::Tensor(Pointer::reclaim_copy(static_cast<at::TensorImpl*>(handle)));
}

inline Handle release(at::Tensor&& tensor) {
  return tensor.defined() ? tensor.unsafeReleaseTensorImpl() : nullptr;
}

void remember_error(const char* message) noexcept;

// Nothing may escape into managed frames: the status is 0, or 1 with the message kept for this thread.
template <class Body>
int32_t guarded(Body&& body) noexcept {
  try {
    body();
    return 0;
  } catch (const c10::Error& error) {
    remember_error(error.what_without_backtrace());
  } catch (const std::exception& error) {
    remember_error(error.what());
  } catch (...) {
    remember_error("libtorch raised an exception of an unknown kind");
  }
  return 1;
}

} // namespace shim
