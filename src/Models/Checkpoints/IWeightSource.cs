namespace MLNetLlm.Models;

/// <summary>Stored tensors: those of a safetensors file or stream, or of all shards of a checkpoint.</summary>
internal interface IWeightSource : IDisposable
{
    /// <summary>What error messages call the whole.</summary>
    string Description { get; }

    /// <summary>The tensors, in the order in which <see cref="ReadBytes"/> gives them fastest.</summary>
    IReadOnlyList<SafetensorsEntry> Entries { get; }

    /// <summary>Whether tensors and parts of them may be read in any order, by several threads at once.</summary>
    bool IsRandomAccess { get; }

    /// <summary>The file of a tensor, for error messages.</summary>
    string FileOf(SafetensorsEntry entry);

    /// <summary>Reads a part of a tensor's bytes.</summary>
    /// <param name="entry">The tensor.</param>
    /// <param name="offset">First byte, counted from the tensor's first.</param>
    /// <param name="target">As many bytes as are wanted.</param>
    void ReadBytes(SafetensorsEntry entry, long offset, Span<byte> target);
}
