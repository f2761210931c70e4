using System.Collections;
using System.Collections.Generic;
using System.Linq;

namespace TorchSharp;

public static partial class torch
{
    public struct Size : IEnumerable<long>, IEnumerable
    {
        private readonly long[] shape;

        public static Size Empty = new(System.Array.Empty<long>());

        public Size(long[] shape) => this.shape = shape.ToArray();

        public Size(IEnumerable<long> shape) => this.shape = shape.ToArray();

        public Size(long size) => shape = [size];

        public long[] Shape => shape;

        public int Length => shape.Length;

        public bool IsEmpty => shape.Length == 0;

        public bool IsScalar => IsEmpty;

        public long this[int idx] => shape[idx];

        public long this[long idx] => shape[idx];

        public long numel() => shape.Aggregate(1L, (product, size) => product * size);

        public IEnumerator<long> GetEnumerator() => shape.AsEnumerable().GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        public override bool Equals(object obj) => obj is Size other && shape.AsEnumerable().SequenceEqual(other.shape);

        public override int GetHashCode() => shape.Aggregate(shape.Length, System.HashCode.Combine);

        public static bool operator ==(Size left, Size right) => left.Equals(right);

        public static bool operator !=(Size left, Size right) => !left.Equals(right);

        public static implicit operator Size(long size) => new(size);

        public static implicit operator Size(long[] size) => new(size);

        public static implicit operator Size((long, long) size) => new([size.Item1, size.Item2]);

        public static implicit operator Size((long, long, long) size) => new([size.Item1, size.Item2, size.Item3]);

        public static implicit operator Size((long, long, long, long) size) =>
            new([size.Item1, size.Item2, size.Item3, size.Item4]);
    }
}
