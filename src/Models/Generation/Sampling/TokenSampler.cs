using System.Numerics.Tensors;

namespace MLNetLlm.Models;

/// <summary>Chooses the next token of one sequence from the scores of all tokens.</summary>
internal sealed class TokenSampler
{
    // Below this a temperature cannot be told from 0 in 32 bits.
    private const double LowestTemperature = 1e-30;

    private readonly List<ILogitStep> logitSteps = [];
    private readonly List<ICandidateStep> candidateSteps = [];
    private readonly bool isGreedy;
    private readonly SamplerRandom random;

    public TokenSampler(GenerationOptions options)
    {
        isGreedy = options.Temperature < LowestTemperature;
        random = new SamplerRandom(options.Seed ?? Random.Shared.NextInt64());
        AddIf(options.RepetitionPenalty != 1, logitSteps, () => new RepetitionPenaltyStep((float)options.RepetitionPenalty));
        AddIf(options.PresencePenalty != 0 || options.FrequencyPenalty != 0, logitSteps,
            () => new WrittenTokenPenaltyStep((float)options.PresencePenalty, (float)options.FrequencyPenalty));
        AddIf(options.LogitBias.Count > 0, logitSteps, () => new LogitBiasStep(options.LogitBias));
        if (!isGreedy)
        {
            logitSteps.Add(new TemperatureStep((float)options.Temperature));
            AddIf(options.TopK > 0, candidateSteps, () => new TopKStep(options.TopK));
            AddIf(options.TopP < 1, candidateSteps, () => new TopPStep(options.TopP));
            AddIf(options.MinP > 0, candidateSteps, () => new MinPStep(options.MinP));
        }
    }

    /// <summary>Whether the likeliest token is taken as the network scores them: nobody needs the scores themselves then.</summary>
    public bool TakesTheHighest => isGreedy && logitSteps.Count == 0;

    /// <param name="logits">The scores, which are not changed.</param>
    /// <param name="history">What the sequence holds.</param>
    /// <param name="candidates">Memory to work in.</param>
    /// <exception cref="InvalidDataException">The scores are no numbers.</exception>
    public int Sample(ReadOnlySpan<float> logits, TokenHistory history, CandidateSet candidates)
    {
        if (TakesTheHighest)
        {
            return Highest(logits);
        }

        Highest(logits);
        var scores = candidates.Fill(logits);
        foreach (var step in logitSteps)
        {
            step.Apply(scores, history);
        }

        if (isGreedy)
        {
            return TensorPrimitives.IndexOfMax<float>(scores);
        }

        foreach (var step in candidateSteps)
        {
            step.Narrow(candidates);
        }

        return Draw(candidates);
    }

    public static int Highest(ReadOnlySpan<float> logits)
    {
        // NaN counts as the highest.
        var highest = TensorPrimitives.IndexOfMax(logits);
        RequireNumber(logits[highest]);
        return highest;
    }

    public static void RequireNumber(float highest)
    {
        if (!float.IsFinite(highest))
        {
            throw new InvalidDataException(
                $"The network's highest score for the next token is {highest}: its weights hold values that are no numbers, or it overflows in this precision.");
        }
    }

    private int Draw(CandidateSet candidates)
    {
        var weights = candidates.Weights;
        TensorPrimitives.Exp(candidates.Logits, weights);
        var sum = 0.0;
        foreach (var weight in weights)
        {
            sum += weight;
        }

        var left = random.NextDouble() * sum;
        var last = 0;
        for (var place = 0; place < weights.Length; place++)
        {
            if (weights[place] == 0)
            {
                continue;
            }

            last = place;
            left -= weights[place];
            if (left < 0)
            {
                break;
            }
        }

        // Rounding may leave a little over, which the last one gets.
        return candidates.IdAt(last);
    }

    private static void AddIf<T>(bool isAsked, List<T> steps, Func<T> create)
    {
        if (isAsked)
        {
            steps.Add(create());
        }
    }
}
