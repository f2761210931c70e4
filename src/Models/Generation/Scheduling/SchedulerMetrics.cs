using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace MLNetLlm.Models;

/// <summary>
/// Measurements under the names of OpenTelemetry's semantic conventions for generative AI where these have one. Collect them
/// by the name of the meter, <see cref="MeterName"/>.
/// </summary>
internal sealed class SchedulerMetrics(string modelName)
{
    public const string MeterName = "MLNetLlm.Generation";

    private static readonly Meter Meter = new(MeterName);
    private static readonly Histogram<double> RequestDuration = Meter.CreateHistogram<double>("gen_ai.server.request.duration", "s", "Time from a request to its last token");
    private static readonly Histogram<double> TimeToFirstToken = Meter.CreateHistogram<double>("gen_ai.server.time_to_first_token", "s", "Time from a request to its first token");
    private static readonly Histogram<double> TimePerOutputToken = Meter.CreateHistogram<double>("gen_ai.server.time_per_output_token", "s", "Time per token after the first");
    private static readonly Histogram<long> TokenUsage = Meter.CreateHistogram<long>("gen_ai.client.token.usage", "{token}", "Tokens of a request, read and written");
    private static readonly Counter<long> RefusedRequests = Meter.CreateCounter<long>("mlnetllm.scheduler.requests.refused", "{request}", "Requests that found the queue full");
    private static readonly UpDownCounter<int> QueuedRequests = Meter.CreateUpDownCounter<int>("mlnetllm.scheduler.requests.queued", "{request}", "Requests that wait for a slot");
    private static readonly UpDownCounter<int> RunningRequests = Meter.CreateUpDownCounter<int>("mlnetllm.scheduler.requests.running", "{request}", "Requests that have a slot");
    private static readonly Histogram<int> BatchSize = Meter.CreateHistogram<int>("mlnetllm.scheduler.batch.size", "{request}", "Texts that got a token in one step");

    private readonly KeyValuePair<string, object?> model = new("gen_ai.request.model", modelName);

    public void Queued(int change) => QueuedRequests.Add(change, model);

    public void Running(int change) => RunningRequests.Add(change, model);

    public void Refused() => RefusedRequests.Add(1, model);

    public void Stepped(int sequences) => BatchSize.Record(sequences, model);

    public void FirstToken(GenerationJob job) => TimeToFirstToken.Record(Stopwatch.GetElapsedTime(job.Submitted).TotalSeconds, model);

    public void Finished(GenerationJob job, string outcome)
    {
        var tags = new TagList { model, new("gen_ai.response.finish_reasons", outcome) };
        RequestDuration.Record(Stopwatch.GetElapsedTime(job.Submitted).TotalSeconds, tags);
        TokenUsage.Record(job.Sequence.PromptTokens, model, new("gen_ai.token.type", "input"));
        TokenUsage.Record(job.Sequence.NewTokens.Count, model, new("gen_ai.token.type", "output"));
        if (job.FirstToken is { } first && job.Sequence.NewTokens.Count > 1)
        {
            TimePerOutputToken.Record(Stopwatch.GetElapsedTime(first).TotalSeconds / (job.Sequence.NewTokens.Count - 1), model);
        }
    }
}
