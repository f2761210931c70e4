using TorchSharp;
using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>How many processors a thread that computes for a service's requests takes.</summary>
public static class ComputingThreads
{
    // Products of few weights are done before a second processor is awake, the more so where requests keep it busy: measured with
    // 16 chats on 2 processors, a network of 2 million weights writes 20 % more with one, and one of 86 million 40 % more with two.
    private const long WeightsPerThread = 10_000_000;

    private static readonly object Gate = new();

    /// <summary>
    /// Lets the calling thread, which has no other work, use as many processors as a network's size makes worth while, and at most
    /// as many as are configured.
    /// </summary>
    public static void FitTo(TransformerModel network)
    {
        if (network.Device.type != DeviceType.CPU)
        {
            return;
        }

        var worthWhile = Math.Max(1, network.Config.ParameterCount / WeightsPerThread);
        lock (Gate)
        {
            var configured = get_num_threads();
            if (worthWhile >= configured)
            {
                return;
            }

            set_num_threads((int)worthWhile);
            // libtorch takes the number for threads to come, too; set by another thread it holds for these and not for this one.
            var restoring = new Thread(() => set_num_threads(configured));
            restoring.Start();
            restoring.Join();
        }
    }
}
