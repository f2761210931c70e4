using System;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Reductions, orders and counts.</summary>
    public partial class Tensor
    {
        public Tensor sum(ScalarType? type = null) => Operators.sum.Call(this, type);

        public Tensor sum(long dim, bool keepdim = false, ScalarType? type = null) =>
            Operators.sum_dim_IntList.Call(this, new[] { dim }, keepdim, type);

        public Tensor sum(long dim0, long dim1, bool keepdim = false, ScalarType? type = null) =>
            Operators.sum_dim_IntList.Call(this, new[] { dim0, dim1 }, keepdim, type);

        public Tensor sum(long[] dim, bool keepdim = false, ScalarType? type = null) =>
            Operators.sum_dim_IntList.Call(this, dim, keepdim, type);

        public Tensor sum(ReadOnlySpan<long> dim, bool keepdim = false, ScalarType? type = null) =>
            Operators.sum_dim_IntList.Call(this, dim, keepdim, type);

        public Tensor mean() => Operators.mean.Call(this);

        public Tensor mean(long[] dimensions, bool keepdim = false, ScalarType? type = null) =>
            Operators.mean_dim.Call(this, dimensions, keepdim, type);

        public Tensor max() => Operators.max.Call(this);

        public Tensor max(Tensor other) => Operators.max_other.Call(this, other);

        public (Tensor values, Tensor indexes) max(long dim, bool keepdim = false) =>
            Operators.max_dim.CallPair(this, dim, keepdim);

        public Tensor min() => Operators.min.Call(this);

        public Tensor min(Tensor other) => Operators.min_other.Call(this, other);

        public (Tensor values, Tensor indexes) min(long dim, bool keepdim = false) =>
            Operators.min_dim.CallPair(this, dim, keepdim);

        public Tensor amax(params long[] dims) => Operators.amax.Call(this, dims);

        public Tensor amin(params long[] dims) => Operators.amin.Call(this, dims);

        public Tensor argmax() => Operators.argmax.Call(this);

        public Tensor argmax(long dim, bool keepdim = false) => Operators.argmax.Call(this, dim, keepdim);

        public Tensor argmin() => Operators.argmin.Call(this);

        public Tensor argmin(long dim, bool keepdim = false) => Operators.argmin.Call(this, dim, keepdim);

        public Tensor all() => Operators.all.Call(this);

        public Tensor all(long dim, bool keepdim = false) => Operators.all_dim.Call(this, dim, keepdim);

        public Tensor any() => Operators.any.Call(this);

        public Tensor any(long dim, bool keepdim = false) => Operators.any_dim.Call(this, dim, keepdim);

        public Tensor prod(ScalarType? type = null) => Operators.prod.Call(this, type);

        public Tensor prod(long dim, bool keepdim = false, ScalarType? type = null) =>
            Operators.prod_dim_int.Call(this, dim, keepdim, type);

        public Tensor cumsum(long dim, ScalarType? type = null) => Operators.cumsum.Call(this, dim, type);

        public Tensor cumprod(long dim, ScalarType? type = null) => Operators.cumprod.Call(this, dim, type);

        public Tensor logsumexp(long dim, bool keepdim = false) =>
            Operators.logsumexp.Call(this, new[] { dim }, keepdim);

        public Tensor logcumsumexp(long dim) => Operators.logcumsumexp.Call(this, dim);

        public Tensor norm(float p = 2f) => Operators.norm_Scalar.Call(this, p);

        public Tensor norm(int dim, bool keepdim = false, float p = 2f) =>
            Operators.norm_ScalarOpt_dim.Call(this, (double)p, new[] { (long)dim }, keepdim);

        public Tensor median() => Operators.median.Call(this);

        public (Tensor values, Tensor indices) mode(long dim = -1L, bool keepdim = false) =>
            Operators.mode.CallPair(this, dim, keepdim);

        public Tensor count_nonzero(long[] dims = null) =>
            dims is null ? Operators.count_nonzero.Call(this) : Operators.count_nonzero_dim_IntList.Call(this, dims);

        public Tensor nansum() => Operators.nansum.Call(this);

        public Tensor quantile(Tensor q, long dim = -1L, bool keepdim = false) =>
            Operators.quantile.Call(this, q, dim, keepdim);

        public (Tensor values, Tensor indexes) topk(int k, int dim = -1, bool largest = true, bool sorted = true) =>
            Operators.topk.CallPair(this, (long)k, (long)dim, largest, sorted);

        public (Tensor Values, Tensor Indices) sort(long dim = -1L, bool descending = false, bool stable = false) =>
            Operators.sort_stable.CallPair(this, stable, dim, descending);

        public Tensor argsort(long dim = -1L, bool descending = false) => Operators.argsort.Call(this, dim, descending);

        public Tensor msort() => Operators.msort.Call(this);

        public Tensor bincount(Tensor weights, long minlength = 0L) =>
            Operators.bincount.Call(this, weights, minlength);

        public Tensor histc(long bins = 100L, long min = 0L, long max = 0L) =>
            Operators.histc.Call(this, bins, (double)min, (double)max);

        public (Tensor output, Tensor inverse_indices, Tensor counts) unique(bool sorted = true, bool return_inverse = false, bool return_counts = false, int? dim = null) =>
            dim is int along
                ? Operators.unique_dim.CallTriple(this, (long)along, sorted, return_inverse, return_counts)
                : Operators._unique2.CallTriple(this, sorted, return_inverse, return_counts);

        public Tensor std(bool unbiased = true) => Operators.std.Call(this, unbiased);

        public Tensor std(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Typed(Operators.std_dim.Call(this, new[] { dim }, unbiased, keepdim), type);

        public Tensor std(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Typed(Operators.std_dim.Call(this, dimensions, unbiased, keepdim), type);

        public Tensor var(bool unbiased = true) => Operators.var.Call(this, unbiased);

        public Tensor var(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Typed(Operators.var_dim.Call(this, new[] { dim }, unbiased, keepdim), type);

        public Tensor var(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Typed(Operators.var_dim.Call(this, dimensions, unbiased, keepdim), type);
    }
}
