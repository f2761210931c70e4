namespace MLNetLlm.Models;

/// <summary>
/// One at a time, the products of 16-bit numbers that libtorch leaves to oneDNN. Its cache of compiled products, when it is full,
/// fails with two threads at once ("Broken promise", or the end of the process; oneDNN 2.7 under 64 clients and 16 chats), and
/// texts of all lengths fill it. Each product already uses all processors, so little is lost by taking turns.
/// </summary>
internal static class NarrowProducts
{
    public static Lock Turn { get; } = new();
}
