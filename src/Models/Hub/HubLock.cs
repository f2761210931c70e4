namespace MLNetLlm.Models;

/// <summary>
/// A lock that all processes respect which use the cache, those in other languages too: the runtime's exclusive opening is
/// a <c>flock</c> on Unix and a sharing violation on Windows.
/// </summary>
internal sealed class HubLock : IDisposable
{
    private const int SharingViolation = unchecked((int)0x80070020);
    private const int LockViolation = unchecked((int)0x80070021);
    private const int WouldBlockOnLinux = 11;
    private const int WouldBlockOnBsd = 35;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly FileStream stream;

    private HubLock(FileStream stream) => this.stream = stream;

    /// <summary>Waits for the lock. Its file stays: to delete it would let two owners hold different files of one name.</summary>
    public static async Task<HubLock> TakeAsync(string path, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                return new HubLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0));
            }
            catch (IOException exception) when (IsTaken(exception))
            {
                await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public void Dispose() => stream.Dispose();

    private static bool IsTaken(IOException exception) => OperatingSystem.IsWindows()
        ? exception.HResult is SharingViolation or LockViolation
        : exception.HResult is WouldBlockOnLinux or WouldBlockOnBsd;
}
