namespace MLNetLlm.Models;

/// <summary>What a machine offers for training and scoring.</summary>
public sealed record RuntimeDescription
{
    /// <summary>Whether libtorch loaded.</summary>
    public required bool IsAvailable { get; init; }

    /// <summary>Why libtorch did not load, in the loader's words.</summary>
    public string? Failure { get; init; }

    /// <summary>Threads that libtorch uses for one operation.</summary>
    public int ThreadCount { get; init; }

    /// <summary>Processors that this process may use, container limits included.</summary>
    public int ProcessorCount { get; init; }

    /// <summary>Whether the processor has AVX-512.</summary>
    public bool HasAvx512 { get; init; }

    /// <summary>Whether the processor has bfloat16 dot products in AVX-512.</summary>
    public bool HasAvx512BFloat16 { get; init; }

    /// <summary>Whether the processor has bfloat16 matrix products (AMX).</summary>
    public bool HasAmxBFloat16 { get; init; }

    /// <summary>NVIDIA GPUs that libtorch can use.</summary>
    public int CudaDeviceCount { get; init; }
}
