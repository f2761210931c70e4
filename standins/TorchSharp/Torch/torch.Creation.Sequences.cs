using System;

namespace TorchSharp;

/// <content>Ranges, grids, random integers and tensors shaped like others.</content>
public static partial class torch
{
    public static Tensor arange(
        Scalar start, Scalar stop, Scalar step, ScalarType? dtype = null, Device device = null, bool requires_grad = false)
    {
        var integral = is_integral(start.Type) && is_integral(stop.Type) && is_integral(step.Type);
        var type = dtype ?? (integral ? ScalarType.Int64 : defaultType);
        return WithGrad(
            Operators.arange_start_step.Call(start, stop, step, type, Argument.None, InitializeDevice(device)),
            requires_grad);
    }

    public static Tensor arange(
        Scalar start, Scalar stop, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        arange(start, stop, 1, dtype, device, requires_grad);

    public static Tensor arange(
        Scalar stop, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        arange(0, stop, 1, dtype, device, requires_grad);

    public static Tensor linspace(
        double start, double end, long steps, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        WithGrad(
            Operators.linspace.Call(start, end, steps, dtype ?? defaultType, Argument.None, InitializeDevice(device)),
            requires_grad);

    public static Tensor eye(
        long rows, long columns = -1L, ScalarType? dtype = null, Device device = null, bool requires_grad = false,
        string[] names = null)
    {
        RejectNames(names);
        return WithGrad(
            Operators.eye_m.Call(
                rows, columns == -1 ? rows : columns, dtype ?? defaultType, Argument.None, InitializeDevice(device)),
            requires_grad);
    }

    public static Tensor tril_indices(
        long row, long col, long offset = 0L, ScalarType dtype = ScalarType.Int64, Device device = null) =>
        Operators.tril_indices.Call(row, col, offset, dtype, Argument.None, InitializeDevice(device));

    public static Tensor triu_indices(
        long row, long col, long offset = 0L, ScalarType dtype = ScalarType.Int64, Device device = null) =>
        Operators.triu_indices.Call(row, col, offset, dtype, Argument.None, InitializeDevice(device));

    public static Tensor randperm(
        long n, ScalarType? dtype = null, Device device = null, bool requires_grad = false, Generator generator = null) =>
        WithGrad(
            Operators.randperm_generator.Call(
                n, generator, dtype ?? ScalarType.Int64, Argument.None, InitializeDevice(device)),
            requires_grad);

    public static Tensor randint(
        long high, long[] size, ScalarType? dtype = null, Device device = null, bool requires_grad = false,
        Generator generator = null, string[] names = null) =>
        randint(0, high, size, dtype, device, requires_grad, generator, names);

    public static Tensor randint(
        long low, long high, long[] size, ScalarType? dtype = null, Device device = null, bool requires_grad = false,
        Generator generator = null, string[] names = null)
    {
        RejectNames(names);
        return WithGrad(
            Operators.randint_low_generator.Call(
                low, high, size, generator, dtype ?? ScalarType.Int64, Argument.None, InitializeDevice(device)),
            requires_grad);
    }

    public static Tensor randint(
        long high, Size size, ScalarType? dtype = null, Device device = null, bool requires_grad = false,
        Generator generator = null, string[] names = null) =>
        randint(0, high, size.Shape, dtype, device, requires_grad, generator, names);

    public static Tensor randint(
        long low, long high, Size size, ScalarType? dtype = null, Device device = null, bool requires_grad = false,
        Generator generator = null, string[] names = null) =>
        randint(low, high, size.Shape, dtype, device, requires_grad, generator, names);

    public static Tensor randint(
        int high, int[] size, ScalarType? dtype = null, Device device = null, bool requires_grad = false,
        Generator generator = null, string[] names = null) =>
        randint(0, high, Array.ConvertAll(size, Convert.ToInt64), dtype, device, requires_grad, generator, names);

    public static Tensor randint(
        int low, int high, int[] size, ScalarType? dtype = null, Device device = null, bool requires_grad = false,
        Generator generator = null, string[] names = null) =>
        randint(low, high, Array.ConvertAll(size, Convert.ToInt64), dtype, device, requires_grad, generator, names);

    public static Tensor normal(Tensor mean, Tensor std, Generator generator = null) =>
        Operators.normal_Tensor_Tensor.Call(mean, std, generator);

    public static Tensor normal(
        double mean, double std, ReadOnlySpan<long> size, ScalarType? dtype = null, Device device = null,
        bool requires_grad = false, Generator generator = null, string[] names = null) =>
        WithGrad(randn(size, dtype, device, false, generator, names).mul_(std).add_(mean), requires_grad);

    public static Tensor empty_strided(
        long[] size, long[] strides, ScalarType? dtype = null, Device device = null, bool requires_grad = false,
        string[] names = null)
    {
        RejectNames(names);
        return WithGrad(
            Operators.empty_strided.Call(
                size, strides, dtype ?? defaultType, Argument.None, InitializeDevice(device)),
            requires_grad);
    }

    public static Tensor empty_like(
        Tensor input, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        CreateLike(Operators.empty_like, input, dtype, device, requires_grad, names);

    public static Tensor zeros_like(
        Tensor input, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        CreateLike(Operators.zeros_like, input, dtype, device, requires_grad, names);

    public static Tensor ones_like(
        Tensor input, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        CreateLike(Operators.ones_like, input, dtype, device, requires_grad, names);

    public static Tensor full_like(
        Tensor input, Scalar value, ScalarType? dtype = null, Device device = null, bool requires_grad = false,
        string[] names = null)
    {
        RejectNames(names);
        return WithGrad(Operators.full_like.Call(input, value, dtype, Argument.None, device), requires_grad);
    }

    public static Tensor rand_like(
        Tensor input, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        CreateLike(Operators.rand_like, input, dtype, device, requires_grad, null);

    public static Tensor randn_like(
        Tensor input, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        CreateLike(Operators.randn_like, input, dtype, device, requires_grad, null);

    public static Tensor randint_like(
        Tensor input, long low, long high, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        WithGrad(Operators.randint_like_low_dtype.Call(input, low, high, dtype, Argument.None, device), requires_grad);

    private static Tensor CreateLike(
        Operator factory, Tensor input, ScalarType? dtype, Device device, bool requires_grad, string[] names)
    {
        RejectNames(names);
        return WithGrad(factory.Call(input, dtype, Argument.None, device), requires_grad);
    }
}
