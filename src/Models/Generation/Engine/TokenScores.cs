using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>Gives sequences their next token from the network's scores, copying no more of these than is looked at.</summary>
internal sealed class TokenScores(int vocabularySize, int? endOfTextId)
{
    private readonly CandidateSet candidates = new(vocabularySize);

    /// <param name="logits">[sequences, at least the vocabulary] Float32. Entries that pad the network's vocabulary are no tokens.</param>
    /// <param name="sequences">One for each row.</param>
    public void Choose(Tensor logits, IReadOnlyList<GenerationSequence> sequences)
    {
        if (logits.device_type != DeviceType.CPU && sequences.All(sequence => sequence.TakesTheHighest))
        {
            ChooseHighestOnDevice(logits, sequences);
            return;
        }

        using var here = logits.cpu();
        using var rows = here.contiguous();
        var width = (int)rows.shape[1];
        var scores = MemoryMarshal.Cast<byte, float>(rows.bytes);
        for (var row = 0; row < sequences.Count; row++)
        {
            sequences[row].Continue(scores.Slice(row * width, vocabularySize), candidates, endOfTextId);
        }
    }

    private void ChooseHighestOnDevice(Tensor logits, IReadOnlyList<GenerationSequence> sequences)
    {
        using var tokens = logits.narrow(1, 0, vocabularySize);
        var (values, indexes) = tokens.max(1);
        using (values)
        using (indexes)
        using (var highest = values.cpu())
        using (var ids = indexes.cpu())
        {
            var (highestValues, highestIds) = (highest.data<float>().ToArray(), ids.data<long>().ToArray());
            for (var row = 0; row < sequences.Count; row++)
            {
                sequences[row].Continue((int)highestIds[row], highestValues[row], endOfTextId);
            }
        }
    }
}
