namespace MLNetLlm.Models;

/// <summary>A place for the files of a checkpoint: a directory, or a part of a model zip.</summary>
public interface ICheckpointStore
{
    /// <summary>Writes a file.</summary>
    /// <param name="name">Its name, for example <c>model.safetensors</c>.</param>
    /// <param name="write">Gets a stream that can be written forwards only.</param>
    void Write(string name, Action<Stream> write);

    /// <summary>Reads a file if it is there.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="read">Gets a stream that can be read forwards only.</param>
    /// <returns>Whether it is there.</returns>
    bool TryRead(string name, Action<Stream> read);

    /// <summary>What error messages call a file.</summary>
    string Describe(string name);
}
