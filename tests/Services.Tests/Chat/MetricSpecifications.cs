using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.AI;
using MLNetLlm.Models;

namespace MLNetLlm.Services.Tests.Chat;

public sealed class MetricSpecifications
{
    [Fact]
    public async Task Replies_are_measured_under_the_models_name()
    {
        var name = "measured-" + Guid.NewGuid();
        var measured = new ConcurrentBag<(string Instrument, double Value, string? Kind)>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == GenerationScheduler.MeterName)
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.Start();
        using var model = TestModels.Replying(TestModels.PromptTokens(ChatTurn.User("the dog")), "the cat sat");
        UsageDetails usage;
        using (var client = model.AsChatClient(TestModels.Template, new ChatClientSettings { ModelId = name }))
        {
            usage = (await client.GetResponseAsync([new ChatMessage(ChatRole.User, "the dog")])).Usage!;
        }

        Assert.Single(measured, entry => entry.Instrument == "gen_ai.server.request.duration");
        Assert.Single(measured, entry => entry.Instrument == "gen_ai.server.time_to_first_token");
        Assert.Single(measured, entry => entry.Instrument == "gen_ai.server.time_per_output_token");
        Assert.Equal((double)usage.InputTokenCount!, measured.Single(entry => entry is { Instrument: "gen_ai.client.token.usage", Kind: "input" }).Value);
        Assert.Equal((double)usage.OutputTokenCount!, measured.Single(entry => entry is { Instrument: "gen_ai.client.token.usage", Kind: "output" }).Value);
        Assert.Equal(0, measured.Where(entry => entry.Instrument == "mlnetllm.scheduler.requests.running").Sum(entry => entry.Value));
        Assert.Equal(0, measured.Where(entry => entry.Instrument == "mlnetllm.scheduler.requests.queued").Sum(entry => entry.Value));
        Assert.Contains(measured, entry => entry is { Instrument: "mlnetllm.scheduler.batch.size", Value: 1 });

        void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            string? kind = null;
            var isOurs = false;
            foreach (var tag in tags)
            {
                isOurs |= tag.Key == "gen_ai.request.model" && Equals(tag.Value, name);
                kind = tag.Key == "gen_ai.token.type" ? tag.Value as string : kind;
            }

            if (isOurs)
            {
                measured.Add((instrument.Name, value, kind));
            }
        }
    }
}
