using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>
/// Draws initial weights on the processor from a generator of its own: the same seed gives the same weights whatever the
/// device, and libtorch's global generator is left alone.
/// </summary>
internal sealed class WeightInitializer : IDisposable
{
    private readonly Generator? generator;
    private readonly PageClearing? clearing;
    private readonly Device device;

    public WeightInitializer(long seed, Device device)
        : this(device, seed)
    {
        NativeRuntime.Initialize();
        generator = new Generator((ulong)seed, CPU);
    }

    private WeightInitializer(Device device, long seed, PageClearing? clearing = null)
    {
        this.device = device;
        this.clearing = clearing;
        Seed = seed;
    }

    public long Seed { get; }

    /// <summary>Leaves weights undrawn, because a checkpoint is about to overwrite them.</summary>
    /// <param name="device">Where the weights live.</param>
    /// <param name="clearing">Prepares their memory; it stays the caller's.</param>
    public static WeightInitializer None(Device device, PageClearing clearing) => new(device, Random.Shared.NextInt64(), clearing);

    public Parameter Normal(long[] shape, double deviation)
    {
        if (generator is null)
        {
            var undrawn = empty(shape, ScalarType.Float32, device);
            clearing?.Add(undrawn);
            return new Parameter(undrawn);
        }

        using var drawn = empty(shape, ScalarType.Float32, CPU).normal_(0, deviation, generator);
        return new Parameter(drawn.to(device, copy: true));
    }

    /// <summary>Uniform between the bound and its negative.</summary>
    public Parameter Uniform(long[] shape, double bound)
    {
        using var drawn = empty(shape, ScalarType.Float32, CPU).uniform_(-bound, bound, generator);
        return new Parameter(drawn.to(device, copy: true));
    }

    public Parameter Zeros(int size) => new(zeros(size, device: device));

    public void Dispose() => generator?.Dispose();
}
