using Microsoft.ML;
using MLNetLlm.Models;

namespace MLNetLlm.Trainers;

/// <summary>Settings of <see cref="LanguageModelsCatalog.FromPretrained(string, PretrainedOptions)"/>.</summary>
public sealed record PretrainedOptions
{
    /// <summary>
    /// Where a model that is given by its name comes from and is kept: revision, cache directory, token, offline mode.
    /// Starts from the settings of the process's environment (<c>HF_HOME</c>, <c>HF_TOKEN</c>, <c>HF_ENDPOINT</c>, <c>HF_HUB_OFFLINE</c>).
    /// </summary>
    public HubOptions Hub { get; init; } = new();

    /// <summary>Number type of the matrix products.</summary>
    public Precision Precision { get; init; } = Precision.Auto;

    /// <summary><c>auto</c>, <c>cpu</c>, <c>cuda</c> or <c>cuda:1</c>; <see langword="null"/> follows <see cref="MLContext.GpuDeviceId"/>.</summary>
    public string? Device { get; init; }

    /// <summary>Gets reports while files are downloaded; each file that is finished is a line of <see cref="MLContext.Log"/> as well.</summary>
    public IProgress<HubProgress>? Progress { get; init; }

    /// <summary>Ends a download, which a later call resumes.</summary>
    public CancellationToken CancellationToken { get; init; }
}
