namespace MLNetLlm.Models;

/// <summary>How far a download is. Reports come from several threads, where several files are downloaded at once.</summary>
/// <param name="File">The file that got further.</param>
/// <param name="BytesDone">How much of it is on disk, with what an earlier, interrupted download left.</param>
/// <param name="BytesTotal">Its size.</param>
/// <param name="AllBytesDone">How much of all files that were not in the cache is on disk.</param>
/// <param name="AllBytesTotal">Their size together.</param>
public sealed record HubProgress(string File, long BytesDone, long BytesTotal, long AllBytesDone, long AllBytesTotal);
