namespace Packages.TorchSharp.Tests;

public class IndexingTests
{
    private readonly Tensor cube = arange(24).reshape(2, 3, 4);

    [Fact]
    public void Numbers_select()
    {
        Expect.Shape(cube[1], 3, 4);
        Expect.Values(cube[1, 2], 20, 21, 22, 23);
        Assert.Equal(23, cube[-1, -1, -1].item<long>());
    }

    [Fact]
    public void Slices_ellipsis_and_new_axes_make_views()
    {
        Expect.Values(cube[0, 0, TensorIndex.Slice(1, 3)], 1, 2);
        Expect.Values(cube[0, 0, TensorIndex.Slice(null, null, 2)], 0, 2);
        Expect.Values(cube[0, 0, TensorIndex.Slice(-2)], 2, 3);
        Expect.Values(cube[TensorIndex.Ellipsis, 0][0], 0, 4, 8);
        Expect.Values(cube[0, 1, 1..^1], 5, 6);
        Expect.Shape(cube[TensorIndex.None, 0], 1, 3, 4);
        Expect.Shape(cube[TensorIndex.Colon, 0, TensorIndex.None], 2, 1, 4);
        using var copy = cube.clone();
        using var view = copy[0, TensorIndex.Slice(0, 1)];
        view.fill_(-1);
        Expect.Values(copy[0, 0], -1, -1, -1, -1);
    }

    [Fact]
    public void Tensors_gather_and_masks_filter()
    {
        using var rows = tensor(new long[] { 2, 0 });
        Expect.Values(cube[0][rows][0], 8, 9, 10, 11);
        Expect.Shape(cube[TensorIndex.Ellipsis, TensorIndex.Tensor(rows)], 2, 3, 2);
        Expect.Shape(cube[TensorIndex.Colon, TensorIndex.Tensor(rows), TensorIndex.Slice(0, 2)], 2, 2, 2);
        using var mask = cube.gt(20);
        Expect.Values(cube[mask], 21, 22, 23);
        Expect.Values(cube.masked_select(mask), 21, 22, 23);
        Expect.Values(cube[0].index(TensorIndex.Tensor(rows), TensorIndex.Tensor(rows)), 10, 0);
    }

    [Fact]
    public void Assignment_writes_through()
    {
        using var values = zeros(3, 3);
        values[0] = ones(3);
        values[1, 1] = tensor(5f);
        values[TensorIndex.Ellipsis, 2] = tensor(new[] { 7f, 8f, 9f });
        Expect.Values(values, 1, 1, 7, 0, 5, 8, 0, 0, 9);
        using var positions = tensor(new long[] { 0, 2 });
        Assert.Same(values, values.index_put_(tensor(-1f), TensorIndex.Tensor(positions), TensorIndex.Single(0)));
        Expect.Values(values.select(1, 0), -1, 0, -1);
        using var mask = values.lt(0);
        values[mask] = tensor(0f);
        Expect.Values(values.sum(), 30);
    }

    [Fact]
    public void Gather_scatter_and_index_functions_follow_their_index()
    {
        using var table = arange(6).reshape(2, 3).to(float32);
        using var index = tensor(new long[,] { { 2, 0 }, { 1, 1 } });
        Expect.Values(table.gather(1, index), 2, 0, 4, 4);
        Expect.Values(table.index_select(1, tensor(new long[] { 2, 0 })), 2, 0, 5, 3);
        Expect.Values(zeros(2, 3).scatter(1, index, ones(2, 2)), 1, 0, 1, 0, 1, 0);
        using var target = zeros(3);
        Assert.Same(target, target.scatter_(0, tensor(new long[] { 1 }), tensor(new[] { 4f })));
        target.index_add_(0, tensor(new long[] { 1, 1 }), tensor(new[] { 1f, 2f }), 1);
        Expect.Values(target, 0, 7, 0);
        target.index_copy_(0, tensor(new long[] { 2 }), tensor(new[] { 3f }));
        Expect.Values(target, 0, 7, 3);
        Expect.Values(target.masked_fill(target.eq(0), -1), -1, 7, 3);
        Expect.Values(where(target.gt(5), target, target.neg()), 0, 7, -3);
    }

    [Fact]
    public void Shapes_change_without_changing_values()
    {
        Expect.Shape(cube.view(6, -1), 6, 4);
        Expect.Shape(cube.transpose(0, 2), 4, 3, 2);
        Expect.Shape(cube.permute(2, 0, 1), 4, 2, 3);
        Expect.Shape(cube.flatten(1), 2, 12);
        Expect.Shape(cube.unsqueeze(0).squeeze(0), 2, 3, 4);
        Expect.Shape(ones(1, 3, 1).squeeze(), 3);
        Expect.Shape(ones(1, 3).expand(2, 3), 2, 3);
        Expect.Shape(ones(2).repeat(3, 2), 3, 4);
        Expect.Values(cube.narrow(2, 1, 2)[0, 0], 1, 2);
        Expect.Values(cat([ones(1), zeros(2)]), 1, 0, 0);
        Expect.Shape(stack(new[] { ones(2), zeros(2) }, 1), 2, 2);
        Assert.Equal(new long[] { 2, 1 }, arange(3).split(2).Select(part => part.size(0)));
        Assert.Equal(new long[] { 1, 2 }, arange(3).split(new long[] { 1, 2 }, 0).Select(part => part.size(0)));
        Assert.Equal(2, cube.unbind().Length);
        Assert.Equal(3, cube.chunk(3, 1).Length);
        Expect.Values(arange(3).flip(0), 2, 1, 0);
        Expect.Values(arange(3).roll(1), 2, 0, 1);
    }
}
