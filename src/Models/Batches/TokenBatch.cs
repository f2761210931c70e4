using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>Rows of token ids as tensors, padded on the right to the longest.</summary>
public sealed class TokenBatch : IDisposable
{
    private readonly TransformerModel? network;

    private TokenBatch(Tensor ids, Tensor lengths, int rowCount, int tokenCount, TransformerModel? network)
    {
        this.network = network;
        Ids = ids;
        Lengths = lengths;
        RowCount = rowCount;
        TokenCount = tokenCount;
    }

    /// <summary>[batch, time] Int64.</summary>
    public Tensor Ids { get; }

    /// <summary>[batch] Int64, each at least 1.</summary>
    public Tensor Lengths { get; }

    /// <summary>Number of rows.</summary>
    public int RowCount { get; }

    /// <summary>Tokens of all rows, padding not counted.</summary>
    public int TokenCount { get; }

    /// <summary>Puts rows together. A row without tokens becomes one padding token, so that every row has a last one.</summary>
    /// <param name="rows">Token ids; at least one row.</param>
    /// <param name="paddingId">Id that fills short rows; any id does, nothing looks at it.</param>
    /// <param name="device">Where the tensors go.</param>
    /// <exception cref="ArgumentException">There are no rows.</exception>
    public static TokenBatch Create(IReadOnlyList<int[]> rows, int paddingId, Device device) => Create(rows, paddingId, device, network: null);

    /// <summary>
    /// Puts rows together for a network, on its device, and pads them to one of few lengths where its products have to be
    /// compiled for each: 16-bit products on a processor.
    /// </summary>
    /// <param name="rows">Token ids; at least one row.</param>
    /// <param name="paddingId">Id that fills short rows; any id does, nothing looks at it.</param>
    /// <param name="network">Reads the rows.</param>
    /// <exception cref="ArgumentException">There are no rows.</exception>
    public static TokenBatch Create(IReadOnlyList<int[]> rows, int paddingId, TransformerModel network)
    {
        ArgumentNullException.ThrowIfNull(network);
        return Create(rows, paddingId, network.Device, network);
    }

    private static TokenBatch Create(IReadOnlyList<int[]> rows, int paddingId, Device device, TransformerModel? network)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.Count == 0)
        {
            throw new ArgumentException("A batch needs at least one row.", nameof(rows));
        }

        NativeRuntime.Initialize();
        var time = PaddedLength(Math.Max(1, rows.Max(row => row.Length)), network);
        var ids = new long[rows.Count * time];
        var lengths = new long[rows.Count];
        var tokenCount = 0;
        Array.Fill(ids, paddingId);
        for (var row = 0; row < rows.Count; row++)
        {
            var tokens = rows[row];
            for (var position = 0; position < tokens.Length; position++)
            {
                ids[row * time + position] = tokens[position];
            }

            lengths[row] = Math.Max(1, tokens.Length);
            tokenCount += tokens.Length;
        }

        return new TokenBatch(
            tensor(ids, [rows.Count, time], device: device), tensor(lengths, device: device), rows.Count, tokenCount, network);
    }

    /// <summary>Some of the rows as a batch of their own, padded like this one.</summary>
    /// <param name="start">The first row.</param>
    /// <param name="count">How many rows, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The batch has no such rows.</exception>
    public TokenBatch Slice(int start, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + count, RowCount);
        using var lengths = Lengths.narrow(0, start, count);
        using var near = lengths.cpu();
        var ofRows = near.data<long>().ToArray();
        using var rows = Ids.narrow(0, start, count);
        using var trimmed = rows.narrow(1, 0, PaddedLength((int)ofRows.Max()));
        return new TokenBatch(trimmed.clone(), lengths.clone(), count, (int)ofRows.Sum(), network);
    }

    /// <summary>What rows of this batch are padded to where the longest has this many tokens.</summary>
    public int PaddedLength(int longest) => Math.Min((int)Ids.shape[1], PaddedLength(longest, network));

    /// <summary>Frees both tensors.</summary>
    public void Dispose()
    {
        Ids.Dispose();
        Lengths.Dispose();
    }

    private static int PaddedLength(int longest, TransformerModel? network) =>
        network is null ? longest : ProductShapes.PaddedLength(longest, network.ContextLength, network);
}
