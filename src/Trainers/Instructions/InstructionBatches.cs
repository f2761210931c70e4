using MLNetLlm.Models;
using MLNetLlm.Transforms;
using TorchSharp;

namespace MLNetLlm.Trainers;

/// <summary>Examples as tensors.</summary>
internal static class InstructionBatches
{
    /// <summary>
    /// Puts examples into as few rows as it easily can, none longer than the longest example: the longest first, each into the
    /// first row that has room (first-fit decreasing).
    /// </summary>
    public static IReadOnlyList<IReadOnlyList<InstructionExample>> Pack(IReadOnlyList<InstructionExample> examples)
    {
        var longest = examples.Max(example => example.Inputs.Length);
        var rows = new List<List<InstructionExample>>();
        var room = new List<int>();
        foreach (var example in examples.OrderByDescending(example => example.Inputs.Length))
        {
            var row = room.FindIndex(left => left >= example.Inputs.Length);
            if (row < 0)
            {
                row = rows.Count;
                rows.Add([]);
                room.Add(longest);
            }

            rows[row].Add(example);
            room[row] -= example.Inputs.Length;
        }

        return rows;
    }

    /// <summary>A batch of rows of one or more examples each.</summary>
    public static TrainingBatch Create(LanguageModel model, IReadOnlyList<IReadOnlyList<InstructionExample>> rows)
    {
        var tokens = TokenBatch.Create(
            rows.Select(row => row.SelectMany(example => example.Inputs).ToArray()).ToArray(), TokenRows.PaddingId(model.Tokenizer), model.Network);
        var (time, device) = ((int)tokens.Ids.shape[1], model.Network.Device);
        var targets = new long[rows.Count * time];
        var documents = new long[rows.Count * time];
        Array.Fill(targets, LanguageModelLoss.Ignored);
        Array.Fill(documents, -1);
        for (var row = 0; row < rows.Count; row++)
        {
            var start = row * time;
            for (var document = 0; document < rows[row].Count; document++)
            {
                var example = rows[row][document];
                example.Targets.CopyTo(targets, start);
                Array.Fill(documents, document, start, example.Inputs.Length);
                start += example.Inputs.Length;
            }
        }

        return new TrainingBatch(tokens, torch.tensor(targets, rows.Count, time, device: device), Labels: null)
        {
            Documents = rows.All(row => row.Count == 1) ? null : torch.tensor(documents, rows.Count, time, device: device),
        };
    }
}
