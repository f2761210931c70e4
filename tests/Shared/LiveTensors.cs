using TorchSharp;

namespace MLNetLlm.Tests;

/// <summary>
/// How many tensors stay alive. TorchSharp's count goes up by two for a parameter and down by one, so what a load that was
/// disposed of leaves in the count is no leak, and what a failed one leaves is measured against it.
/// </summary>
internal static class LiveTensors
{
    // What a finalizer lets go of is found by the next collection only.
    public static long Count()
    {
        var (before, count) = (long.MaxValue, Collected());
        while (count < before)
        {
            (before, count) = (count, Collected());
        }

        return count;
    }

    /// <summary>What loading something and disposing of it leaves in the count; what others free meanwhile does not make it less than nothing.</summary>
    public static long LeftBy(Func<IDisposable> load)
    {
        var before = Count();
        load().Dispose();
        return Math.Max(0, Count() - before);
    }

    private static long Collected()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return torch.Tensor.TotalCount;
    }
}
