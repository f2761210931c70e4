using System.Globalization;
using System.Text;

namespace Microsoft.ML.Tokenizers;

/// <summary>
/// The content of a .tiktoken file: base64 bytes and rank on each line. Byte strings are kept as strings of the
/// characters U+0000 to U+00FF, so that ordinary dictionaries serve for them.
/// </summary>
internal sealed class TiktokenVocabulary
{
    private const string CapacityPrefix = "Capacity: ";

    private readonly Dictionary<string, int> _ranks = new(StringComparer.Ordinal);
    private readonly Dictionary<int, byte[]> _bytes = [];

    public Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> Ranks => _ranks.GetAlternateLookup<ReadOnlySpan<char>>();

    public static TiktokenVocabulary Read(Stream stream)
    {
        TiktokenVocabulary vocabulary = new();
        try
        {
            vocabulary.ReadLines(new StreamReader(stream));
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"Failed to load from BPE vocab file stream: {exception.Message}", exception);
        }

        return vocabulary;
    }

    public bool TryGetBytes(int id, out byte[]? bytes) => _bytes.TryGetValue(id, out bytes);

    private void ReadLines(StreamReader reader)
    {
        bool? ranked = null;
        int lineNumber = 0;
        while (reader.ReadLine() is string line)
        {
            if (ranked is null && line.StartsWith(CapacityPrefix, StringComparison.Ordinal))
            {
                ParseRank(line[CapacityPrefix.Length..], "Invalid format in the BPE vocab file stream");
                continue;
            }

            if (line.Length == 0)
            {
                lineNumber += ranked == false ? 1 : 0;
                continue;
            }

            // Without ranks in the first line, a token's rank is the number of its line.
            ranked ??= line.Contains(' ');
            if (ranked == false)
            {
                Add(Convert.FromBase64String(line), lineNumber++);
                continue;
            }

            if (!MergeList.TrySplit(line, out string bytes, out string rank) || bytes.Length == 0)
            {
                throw new FormatException("Invalid format in the BPE vocab file stream");
            }

            Add(Convert.FromBase64String(bytes), ParseRank(rank, $"Can't parse {rank} to integer"));
        }
    }

    private static int ParseRank(string text, string message) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int rank) ? rank : throw new FormatException(message);

    private void Add(byte[] bytes, int rank)
    {
        _ranks[Encoding.Latin1.GetString(bytes)] = rank;
        _bytes[rank] = bytes;
    }
}
