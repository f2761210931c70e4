namespace MLNetLlm.Benchmarks;

/// <summary>Environment variables of the peer's process, beside those that were set outside.</summary>
internal sealed record PeerEnvironment(IReadOnlyDictionary<string, string> Settings)
{
    /// <summary>What a user has who sets nothing.</summary>
    public static PeerEnvironment Default { get; } = new(new Dictionary<string, string>());

    /// <summary>What this library sets for itself: threads that do not spin while they wait, and the processor's own kernels.</summary>
    public static PeerEnvironment Tuned { get; } = new(System.Runtime.Intrinsics.X86.Avx512F.IsSupported
        ? new Dictionary<string, string> { ["OMP_WAIT_POLICY"] = "PASSIVE", ["OPENBLAS_CORETYPE"] = "SkylakeX" }
        : new Dictionary<string, string> { ["OMP_WAIT_POLICY"] = "PASSIVE" });

    public override string ToString() => string.Join(" ", Settings.Select(setting => $"{setting.Key}={setting.Value}"));
}
