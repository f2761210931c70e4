using System;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Gathering from and scattering to positions.</summary>
    public partial class Tensor
    {
        public Tensor gather(long dim, Tensor index) => Operators.gather.Call(this, dim, index);

        public Tensor scatter(long dim, Tensor index, Tensor src) => Operators.scatter_src.Call(this, dim, index, src);

        public Tensor scatter_(long dim, Tensor index, Tensor src) =>
            Operators.scatter__src.Mutate(this, dim, index, src);

        public Tensor scatter_add(long dim, Tensor index, Tensor src) =>
            Operators.scatter_add.Call(this, dim, index, src);

        public Tensor scatter_add_(long dim, Tensor index, Tensor src) =>
            Operators.scatter_add_.Mutate(this, dim, index, src);

        public Tensor index_select(long dim, Tensor index) => Operators.index_select.Call(this, dim, index);

        public Tensor index_add(long dim, Tensor index, Tensor source, Scalar alpha) =>
            Operators.index_add.Call(this, dim, index, source, alpha);

        public Tensor index_add_(long dim, Tensor index, Tensor source, Scalar alpha) =>
            Operators.index_add_.Mutate(this, dim, index, source, alpha);

        public Tensor index_copy(long dim, Tensor index, Tensor source) =>
            Operators.index_copy.Call(this, dim, index, source);

        public Tensor index_copy_(long dim, Tensor index, Tensor source) =>
            Operators.index_copy_.Mutate(this, dim, index, source);

        public Tensor index_fill(long dim, Tensor index, Scalar value) =>
            Operators.index_fill_int_Scalar.Call(this, dim, index, value);

        public Tensor index_fill_(long dim, Tensor index, Scalar value) =>
            Operators.index_fill__int_Scalar.Mutate(this, dim, index, value);

        public Tensor masked_fill(Tensor mask, Scalar value) => Operators.masked_fill_Scalar.Call(this, mask, value);

        public Tensor masked_fill_(Tensor mask, Scalar value) =>
            Operators.masked_fill__Scalar.Mutate(this, mask, value);

        public Tensor masked_select(Tensor mask) => Operators.masked_select.Call(this, mask);

        public Tensor masked_scatter(Tensor mask, Tensor value) => Operators.masked_scatter.Call(this, mask, value);

        public Tensor masked_scatter_(Tensor mask, Tensor value) => Operators.masked_scatter_.Mutate(this, mask, value);

        public Tensor where(Tensor condition, Tensor y) => Operators.where_self.Call(condition, this, y);

        public Tensor take(Tensor index) => Operators.take.Call(this, index);

        public Tensor take_along_dim(Tensor indices, long dim) => Operators.take_along_dim.Call(this, indices, dim);

        public Tensor nonzero() => Operators.nonzero.Call(this);

        public Tensor argwhere() => Operators.argwhere.Call(this);

        public Tensor select_scatter(Tensor src, long dim, long index) =>
            Operators.select_scatter.Call(this, src, dim, index);

        public Tensor slice_scatter(Tensor src, long dim = 0L, long? start = null, long? end = null, long step = 1L) =>
            Operators.slice_scatter.Call(this, src, dim, start, end, step);

        public Tensor bucketize(Tensor boundaries, bool outInt32 = false, bool right = false) =>
            Operators.bucketize_Tensor.Call(this, boundaries, outInt32, right);
    }
}
