using System;

using static TorchSharp.NativeMethods;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public long Dimensions => shim_tensor_dim(Handle);

        public long ndim => Dimensions;

        public long dim() => Dimensions;

        public long NumberOfElements => shim_tensor_numel(Handle);

        public long numel() => NumberOfElements;

        public long ElementSize => SizeOf(dtype);

        public long element_size() => ElementSize;

        public ScalarType dtype => (ScalarType)shim_tensor_dtype(Handle);

        public unsafe long[] shape
        {
            get
            {
                var owned = Handle;
                var sizes = new ReadOnlySpan<long>(shim_tensor_sizes(owned), (int)shim_tensor_dim(owned)).ToArray();
                GC.KeepAlive(this);
                return sizes;
            }
        }

        public long[] size() => shape;

        public unsafe long size(int dim)
        {
            var dimensions = Dimensions;
            var index = dim < 0 ? dim + dimensions : dim;
            if (index < 0 || index >= dimensions)
                throw new System.Runtime.InteropServices.ExternalException(
                    $"Dimension out of range (expected to be in range of [{-dimensions}, {dimensions - 1}], but got {dim})");
            var length = shim_tensor_sizes(Handle)[index];
            GC.KeepAlive(this);
            return length;
        }

        public unsafe long[] stride()
        {
            var strides = new long[Dimensions];
            fixed (long* target = strides)
                Check(shim_tensor_strides(Handle, target));
            GC.KeepAlive(this);
            return strides;
        }

        public long stride(int dim) => stride()[dim < 0 ? dim + Dimensions : dim];

        public unsafe long storage_offset()
        {
            long offset;
            Check(shim_tensor_storage_offset(Handle, &offset));
            return offset;
        }

        public unsafe bool is_contiguous()
        {
            int contiguous;
            Check(shim_tensor_is_contiguous(Handle, &contiguous));
            return contiguous != 0;
        }

        public unsafe DeviceType device_type
        {
            get
            {
                int index;
                return (DeviceType)shim_tensor_device(Handle, &index);
            }
        }

        public unsafe int device_index
        {
            get
            {
                int index;
                _ = shim_tensor_device(Handle, &index);
                return index;
            }
        }

        public Device device => device_type == DeviceType.CPU ? new Device(DeviceType.CPU) : new Device(device_type, device_index);

        public bool is_cuda => device_type == DeviceType.CUDA;

        public bool is_meta => device_type == DeviceType.META;

        public bool is_cpu() => device_type == DeviceType.CPU;

        public bool is_sparse => shim_tensor_is_sparse(Handle) != 0;

        public bool is_integral() => torch.is_integral(dtype);

        public bool is_floating_point() => torch.is_floating_point(dtype);

        public bool is_complex() => torch.is_complex(dtype);

        /// <summary>Shape, element type and device; the values are not printed.</summary>
        public override string ToString() => IsInvalid ? "" : $"[{string.Join('x', shape)}], type = {dtype}, device = {device}";

        public override int GetHashCode() => base.GetHashCode();

        public override bool Equals(object obj) => obj is Tensor other && Equals(other);

        /// <summary>Whether shape and values are the same.</summary>
        public bool Equals(Tensor target) => target is not null && Operators.equal.CallBool(this, target);
    }
}
