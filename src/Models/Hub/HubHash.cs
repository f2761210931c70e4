using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace MLNetLlm.Models;

/// <summary>
/// The hash that an entity tag of the Hub is: SHA-256 for large files, git's SHA-1 of a blob for small ones. Another tag
/// tells nothing about the bytes.
/// </summary>
internal sealed class HubHash : IDisposable
{
    private readonly IncrementalHash? hash;
    private readonly byte[] prefix;
    private readonly string etag;

    public HubHash(string etag, long size)
    {
        this.etag = etag;
        (hash, prefix) = HubNames.IsSha256(etag) ? (IncrementalHash.CreateHash(HashAlgorithmName.SHA256), [])
            : HubNames.IsCommit(etag) ? (IncrementalHash.CreateHash(HashAlgorithmName.SHA1), GitPrefix(size))
            : ((IncrementalHash?)null, Array.Empty<byte>());
        hash?.AppendData(prefix);
    }

    public string Name => HubNames.IsSha256(etag) ? "SHA-256" : "git's SHA-1";

    public void Append(ReadOnlySpan<byte> bytes) => hash?.AppendData(bytes);

    public void Restart()
    {
        if (hash is not null)
        {
            hash.GetHashAndReset();
            hash.AppendData(prefix);
        }
    }

    /// <summary>Ends the file.</summary>
    /// <returns>Its hash where that is not the tag, otherwise <see langword="null"/>.</returns>
    public string? FindDifference()
    {
        if (hash is null)
        {
            return null;
        }

        var found = Convert.ToHexStringLower(hash.GetHashAndReset());
        hash.AppendData(prefix);
        return found == etag ? null : found;
    }

    public void Dispose() => hash?.Dispose();

    private static byte[] GitPrefix(long size) => Encoding.ASCII.GetBytes($"blob {size.ToString(CultureInfo.InvariantCulture)}\0");
}
