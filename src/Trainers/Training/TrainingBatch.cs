using MLNetLlm.Models;
using TorchSharp;

namespace MLNetLlm.Trainers;

/// <summary>The tensors of one optimizer step; owned by whoever disposes it.</summary>
/// <param name="Tokens">Token ids and lengths.</param>
/// <param name="Targets">Next ids [batch, time] with -100 where nothing is to be predicted, or <see langword="null"/>.</param>
/// <param name="Labels">Class per row [batch], int64, or <see langword="null"/>.</param>
internal sealed record TrainingBatch(TokenBatch Tokens, torch.Tensor? Targets, torch.Tensor? Labels) : IDisposable
{
    /// <summary>What each row counts in the loss [batch], Float32; <see langword="null"/> where all count the same.</summary>
    public torch.Tensor? RowWeights { get; init; }

    /// <summary>Which document each token belongs to [batch, time], Int64, where rows hold several; otherwise <see langword="null"/>.</summary>
    public torch.Tensor? Documents { get; init; }

    public static TrainingBatch Create(
        IReadOnlyList<int[]> rows, int paddingId, bool nextTokenTargets, IReadOnlyList<int>? labels, torch.Device device) =>
        Create(TokenBatch.Create(rows, paddingId, device), rows, nextTokenTargets, labels);

    /// <param name="tokens">Of the rows; taken over.</param>
    /// <param name="rows">Token ids.</param>
    /// <param name="nextTokenTargets">Whether each next token is to be predicted.</param>
    /// <param name="labels">Class per row.</param>
    public static TrainingBatch Create(TokenBatch tokens, IReadOnlyList<int[]> rows, bool nextTokenTargets, IReadOnlyList<int>? labels)
    {
        var device = tokens.Ids.device;
        return new TrainingBatch(
            tokens,
            nextTokenTargets ? NextTokens(rows, (int)tokens.Ids.shape[1], device) : null,
            labels is null ? null : torch.tensor(labels.Select(label => (long)label).ToArray(), device: device));
    }

    /// <summary>Rows with a target of its own at each position.</summary>
    public static TrainingBatch Create(IReadOnlyList<TargetedRow> rows, int paddingId, torch.Device device)
    {
        var tokens = TokenBatch.Create(rows.Select(row => row.Inputs).ToArray(), paddingId, device);
        var time = (int)tokens.Ids.shape[1];
        var targets = new long[rows.Count * time];
        Array.Fill(targets, LanguageModelLoss.Ignored);
        for (var row = 0; row < rows.Count; row++)
        {
            rows[row].Targets.CopyTo(targets, row * time);
        }

        return new TrainingBatch(tokens, torch.tensor(targets, rows.Count, time, device: device), Labels: null);
    }

    /// <summary>Some of the rows as a batch of their own, padded like this one.</summary>
    public TrainingBatch Slice(int start, int count)
    {
        var tokens = Tokens.Slice(start, count);
        using var targets = Rows(Targets);
        using var documents = Rows(Documents);
        var time = tokens.Ids.shape[1];
        return new TrainingBatch(tokens, targets?.narrow(1, 0, time), Rows(Labels))
        {
            RowWeights = Rows(RowWeights),
            Documents = documents?.narrow(1, 0, time),
        };

        torch.Tensor? Rows(torch.Tensor? tensor) => tensor?.narrow(0, start, count);
    }

    public void Dispose()
    {
        RowWeights?.Dispose();
        Documents?.Dispose();
        Tokens.Dispose();
        Targets?.Dispose();
        Labels?.Dispose();
    }

    private static torch.Tensor NextTokens(IReadOnlyList<int[]> rows, int time, torch.Device device)
    {
        var targets = new long[rows.Count * time];
        Array.Fill(targets, LanguageModelLoss.Ignored);
        for (var row = 0; row < rows.Count; row++)
        {
            for (var position = 1; position < rows[row].Length; position++)
            {
                targets[row * time + position - 1] = rows[row][position];
            }
        }

        return torch.tensor(targets, rows.Count, time, device: device);
    }
}

/// <param name="Inputs">What the network reads.</param>
/// <param name="Targets">What it is to predict at each position, or -100.</param>
internal readonly record struct TargetedRow(int[] Inputs, long[] Targets);
