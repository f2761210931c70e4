using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNetLlm.Models;
using TorchSharp;

namespace MLNetLlm.Transforms;

/// <summary>The device that <c>MLContext.GpuDeviceId</c> and <c>MLContext.FallbackToCpu</c> ask for.</summary>
internal static class EnvironmentDevice
{
    /// <exception cref="InvalidOperationException">The GPU asked for is not there, and falling back to the CPU was forbidden.</exception>
    public static torch.Device Select(IHostEnvironment environment) => ComputeDevice.Select(Name(environment));

    /// <summary>The name of the device; where nothing was set, null: a GPU if there is one.</summary>
    /// <exception cref="InvalidOperationException">The GPU asked for is not there, and falling back to the CPU was forbidden.</exception>
    public static string? Name(IHostEnvironment environment)
    {
        if (Setting(environment, nameof(MLContext.GpuDeviceId)) is not int gpu)
            return null;
        NativeRuntime.Initialize();
        if (torch.cuda.is_available() && gpu < torch.cuda.device_count())
            return $"cuda:{gpu}";
        if (Setting(environment, nameof(MLContext.FallbackToCpu)) is false)
        {
            throw environment.Process(new InvalidOperationException(
                $"MLContext.GpuDeviceId is {gpu}, but there is no such GPU, and MLContext.FallbackToCpu is false."));
        }
        using IChannel channel = environment.Start("Device");
        channel.Warning($"MLContext.GpuDeviceId is {gpu}, but there is no such GPU; the CPU is used instead.");
        return "cpu";
    }

    // Loaders get the environment below the MLContext. It has the same two properties, but its type is internal.
    private static object? Setting(IHostEnvironment environment, string name) => environment.GetType().GetProperty(name)?.GetValue(environment);
}
