using TorchSharp;

namespace MLNetLlm.Trainers;

/// <summary>The tensors of one optimizer step; owned by whoever disposes it.</summary>
/// <param name="Ids">Token ids [batch, time], int64, padded on the right.</param>
/// <param name="Lengths">Tokens per row [batch], int64.</param>
/// <param name="Targets">Next ids [batch, time] with -100 where nothing is to be predicted, or <see langword="null"/>.</param>
/// <param name="Labels">Class per row [batch], int64, or <see langword="null"/>.</param>
/// <param name="TokenCount">Tokens in the batch without padding.</param>
internal sealed record TrainingBatch(
    torch.Tensor Ids,
    torch.Tensor Lengths,
    torch.Tensor? Targets,
    torch.Tensor? Labels,
    int TokenCount) : IDisposable
{
    /// <summary>The target value that no loss is computed for.</summary>
    public const long IgnoredTarget = -100;

    public static TrainingBatch Create(
        IReadOnlyList<int[]> rows, int paddingId, bool nextTokenTargets, IReadOnlyList<int>? labels, torch.Device device)
    {
        var time = rows.Max(row => row.Length);
        var ids = new long[rows.Count * time];
        var targets = nextTokenTargets ? new long[ids.Length] : null;
        Array.Fill(ids, paddingId);
        if (targets is not null)
        {
            Array.Fill(targets, IgnoredTarget);
        }

        for (var row = 0; row < rows.Count; row++)
        {
            var start = row * time;
            for (var position = 0; position < rows[row].Length; position++)
            {
                ids[start + position] = rows[row][position];
                if (targets is not null && position > 0)
                {
                    targets[start + position - 1] = rows[row][position];
                }
            }
        }

        return new TrainingBatch(
            torch.tensor(ids, rows.Count, time, device: device),
            torch.tensor(rows.Select(row => (long)row.Length).ToArray(), device: device),
            targets is null ? null : torch.tensor(targets, rows.Count, time, device: device),
            labels is null ? null : torch.tensor(labels.Select(label => (long)label).ToArray(), device: device),
            rows.Sum(row => row.Length));
    }

    public void Dispose()
    {
        Ids.Dispose();
        Lengths.Dispose();
        Targets?.Dispose();
        Labels?.Dispose();
    }
}
