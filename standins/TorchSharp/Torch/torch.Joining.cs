using System.Collections.Generic;
using System.Linq;

namespace TorchSharp;

/// <content>Functions of several tensors.</content>
public static partial class torch
{
    public static Tensor cat(IList<Tensor> tensors, long dim = 0L) => Operators.cat.Call(tensors.ToArray(), dim);

    public static Tensor concat(IList<Tensor> tensors, long dim = 0L) => cat(tensors, dim);

    public static Tensor stack(IEnumerable<Tensor> tensors, long dim = 0L) =>
        Operators.stack.Call(tensors.ToArray(), dim);

    public static Tensor einsum(string equation, params Tensor[] tensors) => Operators.einsum.Call(equation, tensors);

    public static Tensor where(Tensor condition, Tensor x, Tensor y) => Operators.where_self.Call(condition, x, y);

    public static Tensor[] where(Tensor condition) => Operators.where.CallList(condition);

    public static Tensor[] split(Tensor tensor, long[] split_size_or_sections, long dim = 0L) =>
        tensor.split(split_size_or_sections, dim);

    public static IList<Tensor> broadcast_tensors(params Tensor[] tensors) =>
        Operators.broadcast_tensors.CallList(tensors);

    public static Tensor block_diag(params Tensor[] tensors)
    {
        var rows = tensors.Sum(tensor => tensor.size(0));
        var columns = tensors.Sum(tensor => tensor.size(1));
        var result = zeros(rows, columns, tensors[0].dtype, tensors[0].device);
        var (row, column) = (0L, 0L);
        foreach (var tensor in tensors)
        {
            using var rowBlock = result.narrow(0, row, tensor.size(0));
            using var block = rowBlock.narrow(1, column, tensor.size(1));
            block.copy_(tensor);
            (row, column) = (row + tensor.size(0), column + tensor.size(1));
        }
        return result;
    }

    public static bool is_tensor(object obj) => obj is Tensor;

    public static long numel(Tensor input) => input.numel();

    public static bool is_floating_point(Tensor input) => input.is_floating_point();

    public static bool is_complex(Tensor input) => input.is_complex();
}
