namespace MLNetLlm.Services;

/// <summary>Names under which OpenTelemetry finds what this library tells of itself.</summary>
/// <remarks>Metrics come from the meter <see cref="Models.GenerationScheduler.MeterName"/>.</remarks>
public static class Traces
{
    /// <summary>Name of the activity source: a span for each chat reply and each batch of embeddings, named and tagged by the
    /// semantic conventions for generative AI. Neither prompts nor replies are in it.</summary>
    public const string SourceName = "MLNetLlm.Services";

    /// <summary>The value of <c>gen_ai.provider.name</c>, and the provider's name in the clients' metadata.</summary>
    public const string ProviderName = "mlnetllm";
}
