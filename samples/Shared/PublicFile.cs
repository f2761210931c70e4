using System.Security.Cryptography;

namespace Samples;

/// <summary>A file that anyone can download and that is known byte for byte.</summary>
/// <param name="Title">What messages call it.</param>
/// <param name="FileName">Its name in data directories and caches, and in an archive.</param>
/// <param name="Address">Where it is downloaded from.</param>
/// <param name="Sha256">Of its content, in lower-case hexadecimal digits.</param>
internal sealed record PublicFile(string Title, string FileName, Uri Address, string Sha256)
{
    /// <summary>Whether what lies at the address is a zip archive with the file in it.</summary>
    public bool IsInArchive { get; init; }

    public bool Matches(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content)) == Sha256;
}
