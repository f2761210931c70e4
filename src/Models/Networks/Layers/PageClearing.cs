using TorchSharp;
using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>
/// Has the system clear the memory of weights on another thread: building the network keeps one processor busy, and weights
/// cannot be read before that is done. Whoever fills the weights owns this; once it is disposed of, nothing touches them any more.
/// </summary>
internal sealed class PageClearing : IDisposable
{
    private const long WorthClearing = 1 << 18;

    private Task last = Task.CompletedTask;

    /// <summary>Clears the pages of a tensor on the processor, after those before it; what is written to them meanwhile stays.</summary>
    public void Add(Tensor undrawn)
    {
        if (undrawn.device_type != DeviceType.CPU || undrawn.NumberOfElements < WorthClearing)
        {
            return;
        }

        var held = undrawn.alias().DetachFromDisposeScope();
        last = last.ContinueWith(
            _ =>
            {
                using (held)
                {
                    new TensorMemory(held).Populate();
                }
            },
            TaskScheduler.Default);
    }

    /// <summary>Waits for what is under way.</summary>
    public void Dispose() => last.Wait();
}
