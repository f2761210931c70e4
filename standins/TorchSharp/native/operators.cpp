// Every tensor operation goes through libtorch's own dispatcher by the operator's name and overload, the way
// TorchScript calls it. One entry point therefore serves all operators and every libtorch that has them.
#include "shim.h"

#include <ATen/core/Generator.h>
#include <ATen/core/List.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/ivalue.h>
#include <ATen/core/stack.h>

#include <cstdlib>
#include <string>
#include <vector>

namespace {

using c10::IValue;
using shim::borrow;
using shim::guarded;
using shim::Handle;
using shim::release;

// The numbers are shared with ArgumentKind on the managed side.
enum class Kind : int32_t {
  Default = 0,
  None = 1,
  Bool = 2,
  Int = 3,
  Double = 4,
  Complex = 5,
  Tensor = 6,
  IntList = 7,
  TensorList = 8,
  OptionalTensorList = 9,
  String = 10,
  Device = 11,
  Generator = 12,
  DoubleList = 13,
};

struct Value {
  Kind kind;
  int32_t count;
  union {
    int64_t integer;
    double real;
    void* pointer;
  };
  double imaginary;
};

struct Parameter {
  bool accepts_none;
  bool is_float;
};

struct Operator {
  explicit Operator(c10::OperatorHandle found) : handle(std::move(found)) {
    for (const auto& argument : handle.schema().arguments()) {
      const auto& type = *argument.type();
      const bool optional = type.kind() == c10::TypeKind::OptionalType;
      const auto& inner = optional ? *type.castRaw<c10::OptionalType>()->getElementType() : type;
      parameters.push_back({optional, inner.kind() == c10::TypeKind::FloatType});
    }
  }

  c10::OperatorHandle handle;
  std::vector<Parameter> parameters;
};

c10::List<at::Tensor> tensor_list(const Value& value) {
  c10::List<at::Tensor> list;
  list.reserve(value.count);
  for (int32_t i = 0; i < value.count; ++i) {
    list.push_back(borrow(static_cast<Handle*>(value.pointer)[i]));
  }
  return list;
}

auto optional_tensor_list(const Value& value) {
  using OptionalTensor = decltype(std::declval<IValue>().toOptional<at::Tensor>());
  c10::List<OptionalTensor> list;
  list.reserve(value.count);
  for (int32_t i = 0; i < value.count; ++i) {
    Handle handle = static_cast<Handle*>(value.pointer)[i];
    list.push_back(handle == nullptr ? OptionalTensor() : OptionalTensor(borrow(handle)));
  }
  return list;
}

IValue to_ivalue(const Value& value, const Parameter& parameter, const c10::Argument& declared) {
  switch (value.kind) {
    case Kind::Default:
      TORCH_CHECK(declared.default_value().has_value(), "argument '", declared.name(), "' has no default value");
      return *declared.default_value();
    case Kind::None:
      TORCH_CHECK(parameter.accepts_none, "argument '", declared.name(), "' must not be null");
      return IValue();
    case Kind::Bool:
      return value.integer != 0;
    case Kind::Int:
      return parameter.is_float ? IValue(static_cast<double>(value.integer)) : IValue(value.integer);
    case Kind::Double:
      return value.real;
    case Kind::Complex:
      return c10::complex<double>(value.real, value.imaginary);
    case Kind::Tensor:
      return borrow(value.pointer);
    case Kind::IntList: {
      auto first = static_cast<const int64_t*>(value.pointer);
      return std::vector<int64_t>(first, first + value.count);
    }
    case Kind::DoubleList: {
      auto first = static_cast<const double*>(value.pointer);
      return std::vector<double>(first, first + value.count);
    }
    case Kind::TensorList:
      return tensor_list(value);
    case Kind::OptionalTensorList:
      return optional_tensor_list(value);
    case Kind::String:
      return std::string(static_cast<const char*>(value.pointer), value.count);
    case Kind::Device:
      return c10::Device(
          static_cast<c10::DeviceType>(value.integer), static_cast<c10::DeviceIndex>(value.count));
    case Kind::Generator:
      return *static_cast<at::Generator*>(value.pointer);
  }
  TORCH_CHECK(false, "argument '", declared.name(), "' is of an unknown kind");
}

void from_ivalue(IValue&& source, Value& target) {
  target = Value{Kind::None, 0, {0}, 0};
  if (source.isTensor()) {
    target.kind = Kind::Tensor;
    target.pointer = release(std::move(source).toTensor());
  } else if (source.isTensorList()) {
    auto tensors = source.toTensorVector();
    target.kind = Kind::TensorList;
    target.count = static_cast<int32_t>(tensors.size());
    auto handles = static_cast<Handle*>(std::malloc(sizeof(Handle) * (tensors.size() + 1)));
    TORCH_CHECK(handles != nullptr, "out of memory");
    for (size_t i = 0; i < tensors.size(); ++i) {
      handles[i] = release(std::move(tensors[i]));
    }
    target.pointer = handles;
  } else if (source.isDouble()) {
    target.kind = Kind::Double;
    target.real = source.toDouble();
  } else if (source.isInt()) {
    target.kind = Kind::Int;
    target.integer = source.toInt();
  } else if (source.isBool()) {
    target.kind = Kind::Bool;
    target.integer = source.toBool();
  } else if (source.isComplexDouble()) {
    auto complex = source.toComplexDouble();
    target.kind = Kind::Complex;
    target.real = complex.real();
    target.imaginary = complex.imag();
  } else {
    TORCH_CHECK(source.isNone(), "the operator returned a value of an unsupported kind: ", source.tagKind());
  }
}

} // namespace

// Null when this libtorch does not have the operator.
SHIM_API void* shim_find_operator(const char* name, const char* overload) {
  Operator* found = nullptr;
  guarded([&] {
    auto handle = c10::Dispatcher::singleton().findSchema({name, overload});
    if (handle.has_value()) {
      found = new Operator(*handle);
    }
  });
  return found;
}

SHIM_API int32_t shim_call(
    void* operation, const Value* arguments, int32_t argument_count, Value* results, int32_t result_count) {
  return guarded([&] {
    auto& op = *static_cast<Operator*>(operation);
    const auto& declared = op.handle.schema().arguments();
    const auto expected = declared.size();
    TORCH_CHECK(static_cast<size_t>(argument_count) <= expected,
        op.handle.operator_name(), " takes at most ", expected, " arguments");
    static const Value defaulted{Kind::Default, 0, {0}, 0};
    torch::jit::Stack stack;
    stack.reserve(expected);
    for (size_t i = 0; i < expected; ++i) {
      const Value& value = i < static_cast<size_t>(argument_count) ? arguments[i] : defaulted;
      stack.push_back(to_ivalue(value, op.parameters[i], declared[i]));
    }
    op.handle.callBoxed(&stack);
    // An in-place operator returns its first argument, which the caller holds already and does not ask for.
    for (size_t i = 0; i < static_cast<size_t>(result_count); ++i) {
      from_ivalue(i < stack.size() ? std::move(stack[i]) : IValue(), results[i]);
    }
  });
}

SHIM_API void shim_free_list(void* list) {
  std::free(list);
}
