// State outside tensors: modes of the calling thread, random generators, thread pools, devices, precision.
#include "shim.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>
#include <torch/cuda.h>
#include <torch/version.h>

#include <mutex>
#include <string>

using shim::borrow;
using shim::guarded;
using shim::Handle;
using shim::release;

namespace {

at::Generator& generator(void* handle) {
  return *static_cast<at::Generator*>(handle);
}

c10::Device device(int32_t type, int32_t index) {
  return c10::Device(static_cast<c10::DeviceType>(type), static_cast<c10::DeviceIndex>(index));
}

} // namespace

SHIM_API const char* shim_libtorch_version() {
  return TORCH_VERSION;
}

SHIM_API int32_t shim_grad_mode() {
  return c10::GradMode::is_enabled();
}

SHIM_API void shim_set_grad_mode(int32_t enabled) {
  c10::GradMode::set_enabled(enabled != 0);
}

SHIM_API int32_t shim_inference_mode() {
  return c10::InferenceMode::is_enabled();
}

SHIM_API void* shim_enter_inference_mode(int32_t enabled) {
  return new c10::InferenceMode(enabled != 0);
}

SHIM_API void shim_leave_inference_mode(void* guard) {
  delete static_cast<c10::InferenceMode*>(guard);
}

SHIM_API int32_t shim_manual_seed(int64_t seed) {
  return guarded([&] { at::manual_seed(static_cast<uint64_t>(seed)); });
}

SHIM_API int32_t shim_cuda_manual_seed(int64_t seed, int32_t all) {
  return guarded([&] {
    if (all != 0) {
      torch::cuda::manual_seed_all(static_cast<uint64_t>(seed));
    } else {
      torch::cuda::manual_seed(static_cast<uint64_t>(seed));
    }
  });
}

SHIM_API int32_t shim_default_generator(int32_t type, int32_t index, void** result) {
  return guarded([&] { *result = new at::Generator(at::globalContext().defaultGenerator(device(type, index))); });
}

SHIM_API int32_t shim_new_generator(int32_t type, int32_t index, uint64_t seed, void** result) {
  return guarded([&] {
    at::Generator created = type == static_cast<int32_t>(c10::DeviceType::CPU)
        ? at::detail::createCPUGenerator(seed)
        : at::globalContext().defaultGenerator(device(type, index)).clone();
    created.set_current_seed(seed);
    *result = new at::Generator(std::move(created));
  });
}

SHIM_API void shim_generator_release(void* handle) {
  delete static_cast<at::Generator*>(handle);
}

SHIM_API int32_t shim_generator_set_seed(void* handle, int64_t seed) {
  return guarded([&] {
    std::lock_guard<std::mutex> lock(generator(handle).mutex());
    generator(handle).set_current_seed(static_cast<uint64_t>(seed));
  });
}

SHIM_API int32_t shim_generator_seed(void* handle, int64_t* result) {
  return guarded([&] {
    std::lock_guard<std::mutex> lock(generator(handle).mutex());
    *result = static_cast<int64_t>(generator(handle).seed());
  });
}

SHIM_API int32_t shim_generator_initial_seed(void* handle, int64_t* result) {
  return guarded([&] { *result = static_cast<int64_t>(generator(handle).current_seed()); });
}

SHIM_API int32_t shim_generator_state(void* handle, Handle* result) {
  return guarded([&] {
    std::lock_guard<std::mutex> lock(generator(handle).mutex());
    *result = release(generator(handle).get_state());
  });
}

SHIM_API int32_t shim_generator_set_state(void* handle, Handle state) {
  return guarded([&] {
    std::lock_guard<std::mutex> lock(generator(handle).mutex());
    generator(handle).set_state(borrow(state));
  });
}

SHIM_API int32_t shim_threads(int32_t interop) {
  return interop != 0 ? at::get_num_interop_threads() : at::get_num_threads();
}

SHIM_API int32_t shim_set_threads(int32_t interop, int32_t count) {
  return guarded([&] {
    if (interop != 0) {
      at::set_num_interop_threads(count);
    } else {
      at::set_num_threads(count);
    }
  });
}

SHIM_API int32_t shim_cuda_device_count(int32_t* result) {
  return guarded([&] { *result = static_cast<int32_t>(torch::cuda::device_count()); });
}

SHIM_API int32_t shim_cuda_has_cudnn(int32_t* result) {
  return guarded([&] { *result = torch::cuda::cudnn_is_available(); });
}

SHIM_API int32_t shim_cuda_synchronize(int64_t index) {
  return guarded([&] { torch::cuda::synchronize(index); });
}

SHIM_API int32_t shim_matmul_precision() {
  return static_cast<int32_t>(at::globalContext().float32MatmulPrecision());
}

SHIM_API int32_t shim_set_matmul_precision(int32_t precision) {
  return guarded([&] {
    static const char* const names[] = {"highest", "high", "medium"};
    TORCH_CHECK(precision >= 0 && precision < 3, "unknown matmul precision ", precision);
    at::globalContext().setFloat32MatmulPrecision(std::string(names[precision]));
  });
}

SHIM_API int32_t shim_allow_tf32(int32_t cudnn, int32_t* result) {
  return guarded([&] {
    auto& context = at::globalContext();
    *result = cudnn != 0 ? context.allowTF32CuDNN() : context.allowTF32CuBLAS();
  });
}

SHIM_API int32_t shim_set_allow_tf32(int32_t cudnn, int32_t allow) {
  return guarded([&] {
    auto& context = at::globalContext();
    if (cudnn != 0) {
      context.setAllowTF32CuDNN(allow != 0);
    } else {
      context.setAllowTF32CuBLAS(allow != 0);
    }
  });
}

SHIM_API int32_t shim_flash_attention(int32_t* flash, int32_t* math) {
  return guarded([&] {
    *flash = at::globalContext().userEnabledFlashSDP();
    *math = at::globalContext().userEnabledMathSDP();
  });
}

SHIM_API int32_t shim_set_flash_attention(int32_t flash, int32_t enabled) {
  return guarded([&] {
    if (flash != 0) {
      at::globalContext().setSDPUseFlash(enabled != 0);
    } else {
      at::globalContext().setSDPUseMath(enabled != 0);
    }
  });
}
