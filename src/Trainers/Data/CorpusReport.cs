using System.Globalization;

namespace MLNetLlm.Trainers;

/// <summary>What became of the texts that a model is pretrained on.</summary>
public sealed record CorpusReport
{
    /// <summary>What the texts are for: <c>training</c> or <c>validation</c>.</summary>
    public required string Role { get; init; }

    /// <summary>The text column.</summary>
    public required string Column { get; init; }

    /// <summary>Rows read, empty ones included.</summary>
    public required long Rows { get; init; }

    /// <summary>Rows without text, which were left out.</summary>
    public required long EmptyRows { get; init; }

    /// <summary>Bytes of the texts in UTF-8.</summary>
    public required long TextBytes { get; init; }

    /// <summary>SHA-256 of the texts in their order, in hexadecimal: the same for the same texts.</summary>
    public string Fingerprint { get; init; } = "";

    /// <summary>Tokens, those between texts included.</summary>
    public required long Tokens { get; init; }

    /// <summary>Windows that the tokens are cut into.</summary>
    public long Windows { get; init; }

    /// <summary>Windows that are used: fewer where only so many tokens validate.</summary>
    public long WindowsUsed { get; init; }

    /// <summary>Texts longer than a window, cut into several; 0 where all texts form one stream.</summary>
    public long TextsCut { get; init; }

    /// <summary>The file that holds the token ids; <see langword="null"/> where they are in memory.</summary>
    public string? CacheFile { get; init; }

    /// <summary>Whether the file was there from an earlier run.</summary>
    public bool CacheWasThere { get; init; }

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{Role}: {Tokens:#,0} tokens of {Rows:#,0} texts in column '{Column}' ({TextBytes:#,0} bytes), {Windows:#,0} windows");
        text += EmptyRows > 0 ? string.Create(CultureInfo.InvariantCulture, $"; {EmptyRows:#,0} empty texts left out") : "";
        text += TextsCut > 0 ? string.Create(CultureInfo.InvariantCulture, $"; {TextsCut:#,0} texts longer than a window were cut into several") : "";
        text += WindowsUsed < Windows ? string.Create(CultureInfo.InvariantCulture, $"; {WindowsUsed:#,0} windows chosen at random are used") : "";
        return text + (CacheFile, CacheWasThere) switch
        {
            (null, _) => "; kept in memory",
            (_, true) => $"; found in '{CacheFile}'",
            _ => $"; written to '{CacheFile}'",
        };
    }
}
