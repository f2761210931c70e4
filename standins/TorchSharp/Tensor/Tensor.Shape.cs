using System;
using System.Collections.Generic;
using System.Linq;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Shapes, views and rearrangements.</summary>
    public partial class Tensor
    {
        public Tensor alias() => Share();

        public Tensor clone() => Operators.clone.Call(this);

        public Tensor contiguous() => Operators.contiguous.Call(this);

        public Tensor view(params long[] shape) => Operators.view.Call(this, shape);

        public Tensor view_as(Tensor other) => Operators.view_as.Call(this, other);

        public Tensor reshape(params long[] shape) => Operators.reshape.Call(this, shape);

        public Tensor flatten(long start_dim = 0L, long end_dim = -1L) =>
            Operators.flatten_using_ints.Call(this, start_dim, end_dim);

        public Tensor unflatten(long dim, params long[] sizes) => Operators.unflatten_int.Call(this, dim, sizes);

        public Tensor ravel() => Operators.ravel.Call(this);

        public Tensor transpose(long dim0, long dim1) => Operators.transpose_int.Call(this, dim0, dim1);

        public Tensor transpose_(long dim0, long dim1) => Operators.transpose_.Mutate(this, dim0, dim1);

        public Tensor swapaxes(long dim0, long dim1) => Operators.transpose_int.Call(this, dim0, dim1);

        public Tensor swapdims(long dim0, long dim1) => Operators.transpose_int.Call(this, dim0, dim1);

        public Tensor t() => Operators.t.Call(this);

        public Tensor permute(params long[] permutation) => Operators.permute.Call(this, permutation);

        public Tensor permute(IEnumerable<long> permutation) => permute(permutation.ToArray());

        public Tensor movedim(long[] source, long[] destination) =>
            Operators.movedim_intlist.Call(this, source, destination);

        public Tensor moveaxis(long[] source, long[] destination) =>
            Operators.movedim_intlist.Call(this, source, destination);

        public Tensor unsqueeze(long dim) => Operators.unsqueeze.Call(this, dim);

        public Tensor unsqueeze_(long dim) => Operators.unsqueeze_.Mutate(this, dim);

        public Tensor squeeze(long? dim = null) =>
            dim is long along ? Operators.squeeze_dim.Call(this, along) : Operators.squeeze.Call(this);

        public Tensor squeeze_(long? dim = null) =>
            dim is long along ? Operators.squeeze__dim.Mutate(this, along) : Operators.squeeze_.Mutate(this);

        public Tensor expand(params long[] sizes) => Operators.expand.Call(this, sizes);

        public Tensor expand(long[] sizes, bool isImplicit = false) => Operators.expand.Call(this, sizes, isImplicit);

        public Tensor expand(Size sizes, bool isImplicit = false) =>
            Operators.expand.Call(this, sizes.Shape, isImplicit);

        public Tensor expand(ReadOnlySpan<long> sizes, bool isImplicit = false) =>
            Operators.expand.Call(this, sizes, isImplicit);

        public Tensor expand_as(Tensor other) => Operators.expand_as.Call(this, other);

        public Tensor broadcast_to(params long[] shape) => Operators.broadcast_to.Call(this, shape);

        public Tensor repeat(params long[] sizes) => Operators.repeat.Call(this, sizes);

        public Tensor tile(long[] reps) => Operators.tile.Call(this, reps);

        public Tensor repeat_interleave(Tensor repeats, long? dim = null, long? output_size = null) =>
            Operators.repeat_interleave_self_Tensor.Call(this, repeats, dim, output_size);

        public Tensor repeat_interleave(long repeats, long? dim = null, long? output_size = null) =>
            Operators.repeat_interleave_self_int.Call(this, repeats, dim, output_size);

        public Tensor narrow(long dim, long start, long length) => Operators.narrow.Call(this, dim, start, length);

        public Tensor select(long dim, long index) => Operators.select_int.Call(this, dim, index);

        public Tensor slice(long dim, long start, long finish, long step) =>
            Operators.slice_Tensor.Call(this, dim, start, finish, step);

        public Tensor unfold(long dimension, long size, long step) =>
            Operators.unfold.Call(this, dimension, size, step);

        public Tensor as_strided(long[] size, long[] strides, long storageOffset = 0L) =>
            Operators.as_strided.Call(this, size, strides, storageOffset);

        public Tensor[] chunk(long chunks, long dim = 0L) => Operators.chunk.CallList(this, chunks, dim);

        public Tensor[] split(long size, int dim = 0) => Operators.split_Tensor.CallList(this, size, (long)dim);

        public Tensor[] split(long[] sizes, long dim = 0L) => Operators.split_with_sizes.CallList(this, sizes, dim);

        public Tensor[] split(params long[] sizes) => Operators.split_with_sizes.CallList(this, sizes);

        public Tensor[] split(ReadOnlySpan<long> sizes, long dim = 0L) =>
            Operators.split_with_sizes.CallList(this, sizes, dim);

        public Tensor[] unbind(long dimension = 0L) => Operators.unbind_int.CallList(this, dimension);

        public Tensor[] tensor_split(long size, long dim = 0L) =>
            Operators.tensor_split_sections.CallList(this, size, dim);

        public Tensor[] tensor_split(long[] sizes, long dim = 0L) =>
            Operators.tensor_split_indices.CallList(this, sizes, dim);

        public Tensor flip(params long[] dims) => Operators.flip.Call(this, dims);

        public Tensor fliplr() => Operators.fliplr.Call(this);

        public Tensor flipud() => Operators.flipud.Call(this);

        public Tensor roll(long shifts, long? dims = null) =>
            Operators.roll.Call(this, new[] { shifts }, dims is long along ? [along] : Array.Empty<long>());

        public Tensor roll(long[] shifts, long[] dims) => Operators.roll.Call(this, shifts, dims);

        public Tensor tril(long diagonal = 0L) => Operators.tril.Call(this, diagonal);

        public Tensor triu(long diagonal = 0L) => Operators.triu.Call(this, diagonal);

        public Tensor tril_(long diagonal = 0L) => Operators.tril_.Mutate(this, diagonal).Share();

        public Tensor triu_(long diagonal = 0L) => Operators.triu_.Mutate(this, diagonal).Share();

        public Tensor diag(long diagonal = 0L) => Operators.diag.Call(this, diagonal);

        public Tensor diag_embed(long offset = 0L, long dim1 = -2L, long dim2 = -1L) =>
            Operators.diag_embed.Call(this, offset, dim1, dim2);

        public Tensor diagflat(long offset = 0L) => Operators.diagflat.Call(this, offset);
    }
}
