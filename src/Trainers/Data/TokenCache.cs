using System.Security.Cryptography;
using System.Text;
using Microsoft.ML.Runtime;
using MLNetLlm.Models;
using MLNetLlm.Transforms;

namespace MLNetLlm.Trainers;

/// <summary>Finds the token ids of a corpus on disk, or puts them there.</summary>
internal sealed class TokenCache(string directory, IChannel channel, Action throwIfCanceled)
{
    private const string Extension = ".tokens";
    private const string PartialExtension = ".partial";
    private const int MostIdsOfTwoBytes = 65_536;
    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan AgeOfAbandonedFiles = TimeSpan.FromHours(1);

    /// <summary>Opens the file of these texts and this tokenizer; builds it where there is no intact one.</summary>
    /// <exception cref="IOException">The folder cannot be written to; the message names it.</exception>
    public (MappedTokens Tokens, string Path, bool WasThere) Open(IEnumerable<string> texts, CorpusSurvey survey, TextTokenizer tokenizer)
    {
        var key = Key(survey, tokenizer);
        var path = Path.Combine(directory, Convert.ToHexStringLower(key.AsSpan(0, 16)) + Extension);
        try
        {
            Directory.CreateDirectory(directory);
            if (TryOpen(path, key) is { } found)
            {
                return (found, path, WasThere: true);
            }

            using var turn = WaitForTurn(path + ".lock");
            if (TryOpen(path, key) is { } builtByAnother)
            {
                return (builtByAnother, path, WasThere: true);
            }

            Build(path, key, texts, tokenizer);
            return (MappedTokens.Open(path, key), path, WasThere: false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"The token cache could not be kept in '{directory}' (TokenCache.Directory): {exception.Message} " +
                "Free space there, name another folder, or set TokenCache.Storage to Memory.",
                exception);
        }
    }

    private static byte[] Key(CorpusSurvey survey, TextTokenizer tokenizer)
    {
        using var description = new MemoryStream();
        tokenizer.Write(description);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"MLNetLlm token cache 1, end of text {TextBoundary.Of(tokenizer)}, tokenizer:"));
        hash.AppendData(description.GetBuffer().AsSpan(0, (int)description.Length));
        hash.AppendData(survey.Fingerprint);
        return hash.GetHashAndReset();
    }

    private MappedTokens? TryOpen(string path, byte[] key)
    {
        try
        {
            return File.Exists(path) ? MappedTokens.Open(path, key) : null;
        }
        catch (InvalidDataException exception)
        {
            channel.Warning($"The token cache '{path}' cannot be used, because {exception.Message}; it is built anew.");
            return null;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private void Build(string path, byte[] key, IEnumerable<string> texts, TextTokenizer tokenizer)
    {
        RemoveAbandonedFiles();
        var partial = $"{path}.{Environment.ProcessId}-{Guid.NewGuid():n}{PartialExtension}";
        try
        {
            using (var writer = new TokenCacheWriter(partial, tokenizer.VocabularySize <= MostIdsOfTwoBytes ? sizeof(ushort) : sizeof(int)))
            {
                foreach (var row in TokenStream.Framed(ParallelEncoder.Encode(texts, tokenizer.Encode), TextBoundary.Of(tokenizer)))
                {
                    writer.Append(row);
                }

                writer.Complete(key);
            }

            File.Move(partial, path, overwrite: true);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    // Processes that want the same file wait for the one that builds it. The system frees the lock of a process that ends,
    // however it ends.
    private FileStream WaitForTurn(string path)
    {
        while (true)
        {
            throwIfCanceled();
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
            }
            catch (IOException exception) when (ExclusiveFile.IsHeldByAnother(exception))
            {
                Thread.Sleep(BetweenAttempts);
            }
        }
    }

    // What a process is still writing has been written to a moment ago.
    private void RemoveAbandonedFiles()
    {
        foreach (var path in Directory.EnumerateFiles(directory, "*" + PartialExtension))
        {
            if (DateTime.UtcNow - File.GetLastWriteTimeUtc(path) > AgeOfAbandonedFiles)
            {
                File.Delete(path);
            }
        }
    }
}
