using System;
using System.Collections;
using System.IO;
using TorchSharp.Utils;

using static TorchSharp.NativeMethods;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>The elements as .NET values, in place for a CPU tensor and of a copy otherwise.</summary>
        public TensorAccessor<T> data<T>() where T : unmanaged
        {
            if (ToScalarType(typeof(T)) != dtype)
                throw new ArgumentException($"{typeof(T).Name} is not compatible with {dtype}");
            return new TensorAccessor<T>(device_type == DeviceType.CPU ? this : cpu());
        }

        public T item<T>() where T : unmanaged
        {
            if (NumberOfElements != 1)
                throw new ArgumentException("Number of elements in the tensor must be 1");
            if (device_type == DeviceType.CPU)
                return data<T>()[0];
            using var local = cpu();
            return local.data<T>()[0];
        }

        /// <summary>The only element, of whatever type.</summary>
        public Scalar ToScalar() => Operators.item.CallScalar(this);

        /// <summary>The memory of a contiguous CPU tensor; valid while the tensor lives.</summary>
        public unsafe Span<byte> bytes
        {
            get
            {
                if (!is_contiguous())
                    throw new InvalidOperationException("Bytes() called on non-contiguous tensor.");
                var length = NumberOfElements * ElementSize;
                if (length > int.MaxValue)
                    throw new ArgumentException("Span only supports up to int.MaxValue elements.");
                if (device_type != DeviceType.CPU)
                    throw new InvalidOperationException("Reading data from non-CPU memory is not supported. Move or copy the tensor to the cpu before reading.");
                return new Span<byte>((void*)DataPointer(), (int)length);
            }

            set
            {
                if (!is_contiguous())
                    throw new InvalidOperationException("SetBytes() called on non-contiguous tensor.");
                var length = NumberOfElements * ElementSize;
                if (length != value.Length)
                    throw new ArgumentException("Mismatched data sizes in SetBytes().");
                value.CopyTo(bytes);
            }
        }

        public unsafe void ReadBytesFromStream(Stream stream, int bufferSize = 1024)
        {
            var target = (byte*)DataPointer();
            for (var left = NumberOfElements * ElementSize; left > 0;)
            {
                var part = new Span<byte>(target, (int)Math.Min(left, 1 << 20));
                stream.ReadExactly(part);
                target += part.Length;
                left -= part.Length;
            }
        }

        public unsafe void WriteBytesToStream(Stream stream, int bufferSize = 1024)
        {
            using var local = contiguous();
            var source = (byte*)local.DataPointer();
            for (var left = NumberOfElements * ElementSize; left > 0;)
            {
                var part = new ReadOnlySpan<byte>(source, (int)Math.Min(left, 1 << 20));
                stream.Write(part);
                source += part.Length;
                left -= part.Length;
            }
        }

        public object tolist()
        {
            if (Dimensions == 0)
                return ToScalar();
            var list = new ArrayList();
            for (var i = 0L; i < size(0); i++)
            {
                using var row = this[i];
                list.Add(row.tolist());
            }
            return list;
        }

        internal unsafe nint DataPointer()
        {
            if (device_type != DeviceType.CPU)
                throw new InvalidOperationException("Reading data from non-CPU memory is not supported. Move or copy the tensor to the cpu before reading.");
            nint pointer;
            Check(shim_tensor_data(Handle, &pointer));
            return pointer;
        }
    }
}
