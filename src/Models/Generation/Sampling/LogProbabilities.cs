using System.Numerics.Tensors;

namespace MLNetLlm.Models;

/// <summary>Reads log-probabilities off the scores of one place.</summary>
internal static class LogProbabilities
{
    public static TokenLogProbability Of(int id, ReadOnlySpan<float> logits, int alternatives, CandidateSet candidates)
    {
        var scores = candidates.Fill(logits);
        var highest = TensorPrimitives.Max<float>(scores);
        TensorPrimitives.Subtract(scores, highest, scores);
        TensorPrimitives.Exp(scores, candidates.Weights);
        var sum = Math.Log(TensorPrimitives.Sum<float>(candidates.Weights));
        var chosen = scores[id] - sum;
        if (alternatives == 0)
        {
            return new TokenLogProbability(id, chosen, []);
        }

        candidates.KeepLikeliest(Math.Min(alternatives, candidates.Count));
        var likeliest = new TokenAlternative[candidates.Count];
        for (var place = 0; place < likeliest.Length; place++)
        {
            likeliest[place] = new TokenAlternative(candidates.IdAt(place), candidates.Logits[place] - sum);
        }

        return new TokenLogProbability(id, chosen, likeliest);
    }
}
