namespace Packages.MLNet.Tests;

public class VBufferTests
{
    private static VBuffer<float> Sparse => new(5, 2, [10, 30], [1, 3]);

    [Fact]
    public void A_sparse_buffer_reads_as_a_dense_one()
    {
        Assert.False(Sparse.IsDense);
        Assert.Equal([0, 10, 0, 30, 0], Sparse.DenseValues());
        Assert.Equal(30, Sparse.GetItemOrDefault(3));
        Assert.Equal(0, Sparse.GetItemOrDefault(2));
        Assert.Equal([1, 3], Sparse.Items().Select(item => item.Key));
        Assert.Equal(5, Sparse.Items(all: true).Count());
        Assert.Equal([1, 3], Sparse.GetIndices().ToArray());
        Assert.Equal([10f, 30f], Sparse.GetValues().ToArray());
    }

    [Fact]
    public void Copies_keep_or_lose_sparsity_as_asked()
    {
        VBuffer<float> copy = default;
        Sparse.CopyTo(ref copy);
        Assert.False(copy.IsDense);

        Sparse.CopyToDense(ref copy);
        Assert.True(copy.IsDense);
        Assert.Equal([0, 10, 0, 30, 0], copy.GetValues().ToArray());

        Sparse.CopyTo(ref copy, 2, 3);
        Assert.Equal([0, 30, 0], copy.DenseValues());
        Assert.Equal(1, copy.GetIndices()[0]);

        float[] array = [9, 9, 9, 9, 9, 9];
        Sparse.CopyTo(array.AsSpan(), 1, -1);
        Assert.Equal([9, -1, 10, -1, 30, -1], array);
    }

    [Fact]
    public void An_editor_reuses_arrays_that_are_large_enough()
    {
        var buffer = new VBuffer<int>(4, [1, 2, 3, 4]);

        VBufferEditor<int> smaller = VBufferEditor.Create(ref buffer, 3);
        Assert.False(smaller.CreatedNewValues);
        smaller.Values[0] = 7;
        buffer = smaller.Commit();
        Assert.Equal([7, 2, 3], buffer.DenseValues());

        VBufferEditor<int> larger = VBufferEditor.Create(ref buffer, 8);
        Assert.True(larger.CreatedNewValues);
    }

    [Fact]
    public void A_sparse_editor_can_be_cut_short()
    {
        VBuffer<int> buffer = default;
        VBufferEditor<int> editor = VBufferEditor.Create(ref buffer, 10, 3);
        editor.Values[0] = 5;
        editor.Indices[0] = 4;

        buffer = editor.CommitTruncated(1);

        Assert.Equal(10, buffer.Length);
        Assert.Equal(5, buffer.GetItemOrDefault(4));
        Assert.Single(buffer.Items());
    }

    [Fact]
    public void Sizes_are_checked()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new VBuffer<int>(3, [1, 2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new VBuffer<int>(-1, [1, 2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Sparse.GetItemOrDefault(5));
    }
}
