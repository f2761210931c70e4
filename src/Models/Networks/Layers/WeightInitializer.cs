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
    private const long WorthPopulating = 1 << 18;

    private readonly Generator? generator;
    private readonly Device device;
    private Task populated = Task.CompletedTask;

    public WeightInitializer(long seed, Device device)
        : this(device, seed)
    {
        NativeRuntime.Initialize();
        generator = new Generator((ulong)seed, CPU);
    }

    private WeightInitializer(Device device, long seed)
    {
        this.device = device;
        Seed = seed;
    }

    public long Seed { get; }

    /// <summary>Leaves weights undrawn, because a checkpoint is about to overwrite them.</summary>
    public static WeightInitializer None(Device device) => new(device, Random.Shared.NextInt64());

    public Parameter Normal(long[] shape, double deviation)
    {
        if (generator is null)
        {
            var undrawn = empty(shape, ScalarType.Float32, device);
            PopulateMeanwhile(undrawn);
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

    // Building the network keeps one processor busy, and weights cannot be read before that is done.
    private void PopulateMeanwhile(Tensor undrawn)
    {
        if (undrawn.device_type != DeviceType.CPU || undrawn.NumberOfElements < WorthPopulating)
        {
            return;
        }

        var held = undrawn.alias().DetachFromDisposeScope();
        populated = populated.ContinueWith(
            _ =>
            {
                using (held)
                {
                    new TensorMemory(held).Populate();
                }
            },
            TaskScheduler.Default);
    }
}
