using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>Prompts that are read together: several short ones of similar length, or one.</summary>
internal static class PromptGroup
{
    // A prompt joins where at most this share of its row is padding.
    private const double MostPadding = 0.25;

    /// <summary>Takes the first prompt that waits, and those that fit beside it, out of the list.</summary>
    public static List<GenerationSequence> Take(List<GenerationSequence> waiting, int mostTokens)
    {
        var group = new List<GenerationSequence> { waiting[0] };
        waiting.RemoveAt(0);
        var (shortest, longest) = (group[0].ToRead.Length, group[0].ToRead.Length);
        for (var place = 0; place < waiting.Count;)
        {
            var length = waiting[place].ToRead.Length;
            var (least, most) = (Math.Min(shortest, length), Math.Max(longest, length));
            if (most * (group.Count + 1) > mostTokens || least < (1 - MostPadding) * most)
            {
                place++;
                continue;
            }

            (shortest, longest) = (least, most);
            group.Add(waiting[place]);
            waiting.RemoveAt(place);
        }

        return group;
    }
}

/// <summary>The tokens of some prompts that are read in one step.</summary>
/// <param name="Ids">[rows * time], padded on the right.</param>
/// <param name="Time">Tokens of a row, padding counted.</param>
/// <param name="Lengths">Tokens of each row.</param>
internal sealed record PromptPart(long[] Ids, int Time, int[] Lengths)
{
    /// <summary>What comes next; only of a single prompt may something be left afterwards.</summary>
    /// <param name="prompts">Have been read equally far.</param>
    /// <param name="mostTokens">Of a prompt in one step.</param>
    /// <param name="cacheLength">Tokens that the cache can hold of a prompt.</param>
    /// <param name="network">Reads them.</param>
    public static PromptPart Next(IReadOnlyList<GenerationSequence> prompts, int mostTokens, long cacheLength, TransformerModel network)
    {
        var lengths = prompts.Select(prompt => Math.Min(prompt.ToRead.Length - prompt.Read, mostTokens)).ToArray();
        var time = ProductShapes.PaddedLength(lengths.Max(), cacheLength - prompts[0].Read, network);
        var ids = new long[prompts.Count * time];
        for (var row = 0; row < prompts.Count; row++)
        {
            for (var place = 0; place < lengths[row]; place++)
            {
                ids[row * time + place] = prompts[row].ToRead[prompts[row].Read + place];
            }
        }

        return new PromptPart(ids, time, lengths);
    }

    /// <param name="hidden">[rows, time, width].</param>
    /// <returns>[rows, width]: where each row's tokens end.</returns>
    public Tensor LastPositions(Tensor hidden)
    {
        if (Lengths.All(length => length == Time))
        {
            return hidden.select(1, Time - 1);
        }

        using var flat = hidden.view(-1, hidden.shape[2]);
        using var places = tensor(Lengths.Select((length, row) => (long)row * Time + length - 1).ToArray(), device: hidden.device);
        return flat.index_select(0, places);
    }
}
