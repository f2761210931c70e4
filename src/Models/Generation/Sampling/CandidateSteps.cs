using System.Numerics.Tensors;

namespace MLNetLlm.Models;

/// <summary>Leaves out tokens that shall not be drawn. Scores are such that the highest is 0.</summary>
internal interface ICandidateStep
{
    void Narrow(CandidateSet candidates);
}

/// <summary>Keeps a number of the likeliest tokens.</summary>
internal sealed record TopKStep(int Count) : ICandidateStep
{
    public void Narrow(CandidateSet candidates) => candidates.KeepLikeliest(Count);
}

/// <summary>Keeps the fewest likeliest tokens that have a probability together.</summary>
internal sealed record TopPStep(double Probability) : ICandidateStep
{
    public void Narrow(CandidateSet candidates)
    {
        TensorPrimitives.Exp(candidates.Logits, candidates.Weights);
        double total = TensorPrimitives.Sum<float>(candidates.Weights);
        if (!candidates.IsSorted)
        {
            // Tokens that are each below this have less than the tail's probability together: they need not be sorted.
            var negligible = (1 - Probability) * total / candidates.Count;
            candidates.KeepFrom(negligible > 0 ? MathF.Min(0, (float)Math.Log(negligible) - Slack) : float.NegativeInfinity);
            candidates.Sort();
            TensorPrimitives.Exp(candidates.Logits, candidates.Weights);
        }

        var reached = 0.0;
        for (var place = 0; place < candidates.Count; place++)
        {
            reached += candidates.Weights[place];
            if (reached >= Probability * total)
            {
                candidates.KeepFirst(place + 1);
                return;
            }
        }
    }

    // Covers the rounding of the sum.
    private const float Slack = 0.01f;
}

/// <summary>Keeps tokens at least a share as probable as the likeliest.</summary>
internal sealed record MinPStep(double Share) : ICandidateStep
{
    public void Narrow(CandidateSet candidates) => candidates.KeepFrom(MathF.Min(0, (float)Math.Log(Share)));
}
