using System.Numerics.Tensors;

namespace MLNetLlm.Models;

/// <summary>Changes the scores of all tokens.</summary>
internal interface ILogitStep
{
    void Apply(Span<float> logits, TokenHistory history);
}

/// <summary>Makes every token less likely that the prompt or the text holds (Keskar et al. 2019).</summary>
internal sealed record RepetitionPenaltyStep(float Penalty) : ILogitStep
{
    public void Apply(Span<float> logits, TokenHistory history)
    {
        foreach (var id in history.Seen)
        {
            // A prompt may hold entries that only pad the network's vocabulary and are never written.
            if (id < logits.Length)
            {
                logits[id] = logits[id] > 0 ? logits[id] / Penalty : logits[id] * Penalty;
            }
        }
    }
}

/// <summary>Subtracts from the scores of written tokens: once, and for each time that they were written.</summary>
internal sealed record WrittenTokenPenaltyStep(float Presence, float Frequency) : ILogitStep
{
    public void Apply(Span<float> logits, TokenHistory history)
    {
        foreach (var (id, count) in history.Written)
        {
            logits[id] -= Presence + Frequency * count;
        }
    }
}

/// <summary>Adds to the scores of some tokens.</summary>
internal sealed record LogitBiasStep(IReadOnlyDictionary<int, double> Biases) : ILogitStep
{
    public void Apply(Span<float> logits, TokenHistory history)
    {
        foreach (var (id, bias) in Biases)
        {
            // Entries that pad the network's vocabulary have no score here.
            if (id < logits.Length)
            {
                logits[id] += (float)bias;
            }
        }
    }
}

/// <summary>Divides the scores' distances from the highest, which becomes 0 so that nothing overflows.</summary>
internal sealed record TemperatureStep(float Temperature) : ILogitStep
{
    public void Apply(Span<float> logits, TokenHistory history)
    {
        TensorPrimitives.Subtract(logits, TensorPrimitives.Max<float>(logits), logits);
        if (Temperature != 1)
        {
            TensorPrimitives.Divide(logits, Temperature, logits);
        }
    }
}
