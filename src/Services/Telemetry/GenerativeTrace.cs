using System.Diagnostics;

namespace MLNetLlm.Services;

/// <summary>
/// A span of OpenTelemetry's semantic conventions for generative AI. Nobody has to listen; then it costs nothing.
/// </summary>
internal sealed class GenerativeTrace : IDisposable
{
    private static readonly ActivitySource Source = new(Traces.SourceName);

    private readonly Activity? activity;
    private bool isDecided;

    private GenerativeTrace(Activity? activity) => this.activity = activity;

    public static GenerativeTrace Start(string operation, string modelId)
    {
        var outer = Activity.Current;
        var activity = Source.StartActivity($"{operation} {modelId}", ActivityKind.Internal);
        // Whoever reads a stream keeps the span that was theirs between two pieces.
        Activity.Current = outer;
        activity?.SetTag("gen_ai.operation.name", operation);
        activity?.SetTag("gen_ai.provider.name", Traces.ProviderName);
        activity?.SetTag("gen_ai.request.model", modelId);
        activity?.SetTag("gen_ai.response.model", modelId);
        return new GenerativeTrace(activity);
    }

    public void Tag(string name, object? value)
    {
        if (value is not null)
        {
            activity?.SetTag(name, value);
        }
    }

    public void Succeed()
    {
        isDecided = true;
    }

    public void Fail(Exception exception)
    {
        isDecided = true;
        activity?.SetTag("error.type", exception.GetType().FullName);
        activity?.SetStatus(ActivityStatusCode.Error, exception.Message);
    }

    /// <summary>Ends the span; a stream that nobody read to its end counts as cancelled.</summary>
    public void Dispose()
    {
        if (!isDecided)
        {
            Fail(new OperationCanceledException("The reader stopped before the end."));
        }

        var outer = Activity.Current;
        activity?.Dispose();
        Activity.Current = outer;
    }
}
