using System.Runtime.InteropServices;

namespace Packages.TorchSharp.Tests;

public class CreationTests
{
    [Fact]
    public void Arrays_of_every_element_type_come_back_unchanged()
    {
        RoundTrip(new byte[] { 0, 7, 255 }, tensor(new byte[] { 0, 7, 255 }), ScalarType.Byte);
        RoundTrip(new sbyte[] { -128, 0, 127 }, tensor(new sbyte[] { -128, 0, 127 }), ScalarType.Int8);
        RoundTrip(new short[] { short.MinValue, 3 }, tensor(new short[] { short.MinValue, 3 }), ScalarType.Int16);
        RoundTrip(new[] { int.MinValue, 3 }, tensor(new[] { int.MinValue, 3 }), ScalarType.Int32);
        RoundTrip(new[] { long.MinValue, 3 }, tensor(new[] { long.MinValue, 3 }), ScalarType.Int64);
        RoundTrip(new[] { 1.5f, float.NaN }, tensor(new[] { 1.5f, float.NaN }), ScalarType.Float32);
        RoundTrip(new[] { 1.5, double.NegativeInfinity }, tensor(new[] { 1.5, double.NegativeInfinity }), ScalarType.Float64);
        RoundTrip(new[] { true, false }, tensor(new[] { true, false }), ScalarType.Bool);
        RoundTrip(new[] { (Half)1.5f, (Half)(-2) }, tensor(new[] { (Half)1.5f, (Half)(-2) }), ScalarType.Float16);
    }

    private static void RoundTrip<T>(T[] expected, Tensor actual, ScalarType type) where T : unmanaged
    {
        using (actual)
        {
            Assert.Equal(type, actual.dtype);
            Assert.Equal(new long[] { expected.Length }, actual.shape);
            Assert.Equal(expected, actual.data<T>().ToArray());
        }
    }

    [Theory]
    [InlineData(ScalarType.Byte)]
    [InlineData(ScalarType.Int8)]
    [InlineData(ScalarType.Int16)]
    [InlineData(ScalarType.Int32)]
    [InlineData(ScalarType.Int64)]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Bool)]
    public void Every_element_type_converts_to_and_from_float(ScalarType type)
    {
        using var source = tensor(new float[] { 0, 1, 1, 0 });
        using var converted = source.to(type);
        using var back = converted.to(ScalarType.Float32);
        Assert.Equal(type, converted.dtype);
        Assert.Equal(new float[] { 0, 1, 1, 0 }, back.data<float>().ToArray());
    }

    [Fact]
    public void Scalars_keep_their_type()
    {
        Assert.Equal(ScalarType.Float32, tensor(1f).dtype);
        Assert.Equal(ScalarType.Float64, tensor(1.0).dtype);
        Assert.Equal(ScalarType.Int32, tensor(1).dtype);
        Assert.Equal(ScalarType.Int64, tensor(1L).dtype);
        Assert.Equal(ScalarType.Bool, tensor(true).dtype);
        Assert.Equal(0, tensor(1f).dim());
        Assert.Equal(2.5f, tensor(2.5f).item<float>());
        Assert.Equal(2.5, tensor(2.5f).ToDouble());
        Assert.Equal(3, (int)tensor(3L));
    }

    [Fact]
    public void Arrays_take_shapes_types_and_gradients()
    {
        Expect.Shape(tensor(new[,] { { 1, 2, 3 }, { 4, 5, 6 } }), 2, 3);
        Expect.Shape(tensor(new float[2, 1, 2]), 2, 1, 2);
        Expect.Shape(tensor(new long[] { 1, 2, 3, 4 }, new long[] { 2, 2 }), 2, 2);
        Expect.Shape(tensor(new List<float> { 1, 2, 3, 4 }, 2, 2), 2, 2);
        Expect.Values(tensor(new[,] { { 1, 2 }, { 3, 4 } })[1], 3, 4);
        using var typed = tensor(new[] { 1f, 2f }, dtype: ScalarType.Float64, requires_grad: true);
        Assert.Equal(ScalarType.Float64, typed.dtype);
        Assert.True(typed.requires_grad);
        Assert.Throws<ArgumentException>(() => tensor(new[] { 1f, 2f }, new long[] { 3 }));
    }

    [Fact]
    public void A_tensor_does_not_share_memory_with_the_array_it_was_made_from()
    {
        var array = new[] { 1f, 2f };
        using var copy = tensor(array);
        array[0] = 9;
        Expect.Values(copy, 1, 2);
    }

    [Fact]
    public void Frombuffer_shares_memory_with_the_array()
    {
        var array = new[] { 1f, 2f, 3f, 4f };
        using var view = frombuffer(array, ScalarType.Float32, 2, 1);
        array[1] = 9;
        Expect.Values(view, 9, 3);
        Assert.Throws<ArgumentException>(() => frombuffer(array, ScalarType.Float32, offset: 4));
    }

    [Fact]
    public void Factories_fill_as_named()
    {
        Expect.Values(zeros(2, 2), 0, 0, 0, 0);
        Expect.Values(ones(2), 1, 1);
        Expect.Values(full(2, 7), 7, 7);
        Expect.Values(eye(2), 1, 0, 0, 1);
        Expect.Values(arange(1, 7, 2), 1, 3, 5);
        Expect.Values(linspace(0, 1, 3), 0, 0.5, 1);
        Expect.Values(ones(2, 2).tril(), 1, 0, 1, 1);
        Expect.Values(ones(2, 2).triu(1), 0, 1, 0, 0);
        Expect.Shape(empty(2, 3, 4), 2, 3, 4);
        Expect.Shape(zeros(new long[] { 0, 5 }), 0, 5);
        Assert.Equal(ScalarType.Int64, arange(3).dtype);
        Assert.Equal(ScalarType.Float32, arange(3f).dtype);
        Assert.Equal(ScalarType.Int64, full(2, 7).dtype);
        Assert.Equal(ScalarType.Float32, full(2, 7.0).dtype);
        Assert.Equal(ScalarType.BFloat16, zeros(1, dtype: bfloat16).dtype);
        using var model = zeros(2, 3, dtype: float64);
        Assert.Equal(ScalarType.Float64, ones_like(model).dtype);
        Expect.Shape(rand_like(model), 2, 3);
        Expect.Values(full_like(model, 4)[0], 4, 4, 4);
    }

    [Fact]
    public void The_accessor_reads_writes_and_respects_strides()
    {
        using var matrix = arange(6).reshape(2, 3);
        using var transposed = matrix.t();
        Assert.Equal(new long[] { 0, 3, 1, 4, 2, 5 }, transposed.data<long>().ToArray());
        Assert.Equal(4, transposed.data<long>()[1, 1]);
        var accessor = matrix.data<long>();
        accessor[1, 2] = 50;
        Assert.Equal(50, matrix[1, 2].item<long>());
        accessor.CopyFrom([10, 11, 12], 0, 3);
        Assert.Equal(new long[] { 0, 1, 2, 10, 11, 12 }, accessor.ToArray());
        var part = new long[2];
        accessor.CopyTo(part, 0, 4);
        Assert.Equal(new long[] { 11, 12 }, part);
        Assert.Throws<ArgumentException>(() => matrix.data<float>());
        Assert.Throws<ArgumentException>(() => matrix.item<long>());
    }

    [Fact]
    public void Bytes_are_the_tensors_own_memory()
    {
        using var values = zeros(2, dtype: int32);
        values.bytes[4] = 3;
        Expect.Values(values, 0, 3);
        using var reduced = tensor(new[] { 1f, -2f }).to(bfloat16);
        var raw = MemoryMarshal.Cast<byte, ushort>(reduced.bytes).ToArray();
        Assert.Equal(new ushort[] { 0x3F80, 0xC000 }, raw);
    }

    [Fact]
    public void Properties_describe_the_tensor()
    {
        using var values = zeros(2, 3, 4);
        Assert.Equal(3, values.dim());
        Assert.Equal(24, values.numel());
        Assert.Equal(4, values.size(-1));
        Assert.Equal(new long[] { 12, 4, 1 }, values.stride());
        Assert.Equal(4, values.element_size());
        Assert.Equal(DeviceType.CPU, values.device.type);
        Assert.Equal("cpu", values.device.ToString());
        Assert.True(values.is_contiguous());
        Assert.False(values.transpose(0, 1).is_contiguous());
        Assert.ThrowsAny<Exception>(() => values.size(3));
    }

    [Fact]
    public void Only_contiguous_memory_is_handed_out()
    {
        using var scope = NewDisposeScope();
        var table = arange(6, ScalarType.Float32).view(2, 3);
        Assert.Equal(24, table.bytes.Length);
        Assert.Contains("non-contiguous", Assert.Throws<InvalidOperationException>(() => table.t().bytes.Length).Message);
        Assert.Contains("non-contiguous", Assert.Throws<InvalidOperationException>(() => table.t().bytes = new byte[24]).Message);
    }
}
