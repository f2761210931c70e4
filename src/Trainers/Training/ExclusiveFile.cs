namespace MLNetLlm.Trainers;

/// <summary>Files that a process opens without sharing them, so that others have to wait or to do without.</summary>
internal static class ExclusiveFile
{
    /// <summary>Whether a file could not be opened because someone else has it, and not for any other reason.</summary>
    // EWOULDBLOCK of Linux and macOS, and Windows' sharing violation.
    public static bool IsHeldByAnother(IOException exception) => exception.HResult is 11 or 35 or unchecked((int)0x80070020);
}
