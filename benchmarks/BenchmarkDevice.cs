namespace MLNetLlm.Benchmarks;

/// <summary>Where both sides compute: an environment variable, because every run is a process of its own.</summary>
internal static class BenchmarkDevice
{
    private const string Variable = "BENCHMARK_DEVICE";

    public static string Name
    {
        get => Environment.GetEnvironmentVariable(Variable) ?? "cpu";
        set => Environment.SetEnvironmentVariable(Variable, value);
    }
}
