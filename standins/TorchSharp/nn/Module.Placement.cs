using System;
using System.Linq;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            protected internal virtual Module _to(Device device, ScalarType dtype, bool non_blocking)
            {
                RequireFloating(dtype);
                InitializeDeviceType(device.type);
                _toEpilog(device, dtype, non_blocking);
                return this;
            }

            protected internal virtual Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking)
            {
                InitializeDeviceType(deviceType);
                _toEpilog(deviceType, deviceIndex, non_blocking);
                return this;
            }

            protected internal virtual Module _to(ScalarType dtype, bool non_blocking)
            {
                RequireFloating(dtype);
                _toEpilog(dtype, non_blocking);
                return this;
            }

            public Module _to(Tensor other, bool non_blocking)
            {
                _to(other.dtype, non_blocking);
                return _to(other.device_type, other.device_index, non_blocking);
            }

            protected void _toEpilog(ScalarType dtype, bool non_blocking)
            {
                foreach (var child in children())
                    child._to(dtype, non_blocking);
                Convert(dtype, null, non_blocking);
            }

            protected void _toEpilog(DeviceType deviceType, int deviceIndex, bool non_blocking)
            {
                foreach (var child in children())
                    child._to(deviceType, deviceIndex, non_blocking);
                Convert(null, new Device(deviceType, deviceIndex), non_blocking);
            }

            protected void _toEpilog(Device device, ScalarType dtype, bool non_blocking)
            {
                foreach (var child in children())
                    child._to(device, dtype, non_blocking);
                Convert(dtype, device, non_blocking);
            }

            private static void RequireFloating(ScalarType dtype)
            {
                if (!is_floating_point(dtype) && !is_complex(dtype))
                    throw new ArgumentException($"nn.Module.to only accepts floating point or complex types, but got desired dtype={dtype}");
            }

            private void Convert(ScalarType? dtype, Device device, bool non_blocking)
            {
                using var mode = no_grad();
                foreach (var (name, parameter) in named_parameters(false).ToList())
                {
                    if (TryConvert(parameter, dtype, device, non_blocking, out var data))
                        Replace(name, parameter, NewParameter(parameter, data, non_blocking));
                }
                foreach (var (name, buffer) in named_buffers(false).ToList())
                {
                    if (TryConvert(buffer, dtype, device, non_blocking, out var converted))
                    {
                        var persistent = _internal_buffers[name].Item2;
                        Replace(name, buffer, converted.DetachFromDisposeScope());
                        ConditionallyRegisterBuffer(name, converted, persistent);
                    }
                }
            }

            /// <summary>Gives false where the tensor is already what is wanted; integers keep their type.</summary>
            private static bool TryConvert(
                Tensor tensor, ScalarType? dtype, Device device, bool non_blocking, out Tensor converted)
            {
                var type = tensor.is_floating_point() || tensor.is_complex() ? dtype ?? tensor.dtype : tensor.dtype;
                var target = device ?? tensor.device;
                var samePlace = target.type == tensor.device_type
                    && (target.type == DeviceType.CPU || target.index == -1 || target.index == tensor.device_index);
                var same = samePlace && type == tensor.dtype;
                converted = same ? null : tensor.to(type, target, non_blocking: non_blocking);
                return !same;
            }

            private static Parameter NewParameter(Parameter old, Tensor data, bool non_blocking)
            {
                var parameter = new Parameter(data, old.requires_grad);
                parameter.DetachFromDisposeScope();
                using var gradient = old.grad;
                if (gradient is not null)
                {
                    using var moved = gradient.to(parameter, non_blocking);
                    parameter.grad = moved;
                }
                return parameter;
            }

            /// <summary>Puts a converted tensor where the module keeps it: behind a property, in a field, in the registry.</summary>
            private void Replace(string name, Tensor old, Tensor converted)
            {
                var property = GetType().GetProperty(name);
                if (property is { CanWrite: true } && property.PropertyType.IsInstanceOfType(converted))
                {
                    property.SetValue(this, converted);
                    return;
                }
                foreach (var field in ComponentFields(GetType()))
                {
                    if (ReferenceEquals(field.GetValue(this), old))
                        field.SetValue(this, converted);
                }
                if (converted is Parameter parameter)
                    ConditionallyRegisterParameter(name, parameter);
                old.DetachFromDisposeScope().Dispose();
            }
        }
    }
}
