using TorchSharp;

namespace MLNetLlm.Models;

/// <summary>
/// Numbers for tensor operations. TorchSharp turns a number into an object that nothing refers to any more once its native handle
/// was read, so a collection at that moment frees it under the operation: "Unknown scalar type", or a wrong result. Each
/// thread's last ones are kept here, for longer than any operation needs them.
/// </summary>
public static class KeptScalar
{
    private const int KeptPerThread = 64;

    [ThreadStatic]
    private static Scalar[]? kept;

    [ThreadStatic]
    private static int next;

    /// <summary>A real number as an operation takes it; it need not be disposed of.</summary>
    public static Scalar Of(double value) => Keep(value);

    /// <summary>A whole number as an operation takes it; it need not be disposed of.</summary>
    public static Scalar Of(long value) => Keep(value);

    /// <summary>A truth value as an operation takes it; it need not be disposed of.</summary>
    public static Scalar Of(bool value) => Keep(value);

    private static Scalar Keep(Scalar scalar)
    {
        kept ??= new Scalar[KeptPerThread];
        kept[next] = scalar;
        next = (next + 1) % KeptPerThread;
        return scalar;
    }
}
