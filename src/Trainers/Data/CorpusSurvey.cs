using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace MLNetLlm.Trainers;

/// <summary>What one pass over the texts of a corpus finds before anything is tokenised.</summary>
/// <param name="Rows">Texts, empty ones included.</param>
/// <param name="EmptyRows">Texts without a character.</param>
/// <param name="TextBytes">Bytes of all texts in UTF-8.</param>
/// <param name="Fingerprint">SHA-256 of the texts in their order.</param>
internal sealed record CorpusSurvey(long Rows, long EmptyRows, long TextBytes, byte[] Fingerprint)
{
    public static CorpusSurvey Of(IEnumerable<string> texts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (rows, emptyRows, textBytes) = (0L, 0L, 0L);
        Span<int> length = stackalloc int[1];
        foreach (var text in texts)
        {
            rows++;
            emptyRows += text.Length == 0 ? 1 : 0;
            textBytes += Encoding.UTF8.GetByteCount(text);
            length[0] = text.Length;
            hash.AppendData(MemoryMarshal.AsBytes(length));
            hash.AppendData(MemoryMarshal.AsBytes(text.AsSpan()));
        }

        return new CorpusSurvey(rows, emptyRows, textBytes, hash.GetHashAndReset());
    }
}
