namespace MLNetLlm.Models;

/// <summary>One tensor of a safetensors file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its number type as the file spells it, for example <c>F32</c> or <c>BF16</c>.</param>
/// <param name="Shape">Its shape; empty for a scalar.</param>
/// <param name="Begin">First byte, counted from the end of the header.</param>
/// <param name="End">The byte after its last.</param>
public sealed record SafetensorsEntry(string Name, string Type, IReadOnlyList<long> Shape, long Begin, long End)
{
    /// <summary>Number of its bytes.</summary>
    public long ByteCount => End - Begin;
}
