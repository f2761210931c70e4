using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Several streams that are read as one.</summary>
public interface IMultiStreamSource
{
    int Count { get; }
    string GetPathOrNull(int index);
    Stream Open(int index);
    TextReader OpenTextReader(int index);
}

/// <summary>Files, in the order given; a + within a path separates several, and * in a name stands for any characters.</summary>
public sealed class MultiFileSource : IMultiStreamSource
{
    private readonly string[] _paths;

    public MultiFileSource(params string[] paths) =>
        _paths = (paths ?? []).Where(path => !string.IsNullOrEmpty(path)).SelectMany(path => path.Split('+')).SelectMany(Expand).ToArray();

    public int Count => _paths.Length;

    public string GetPathOrNull(int index)
    {
        Contracts.CheckParam(null, index >= 0 && index < Count, nameof(index));
        return _paths[index];
    }

    public Stream Open(int index)
    {
        string path = GetPathOrNull(index);
        try
        {
            return File.OpenRead(path);
        }
        catch (IOException exception)
        {
            throw new IOException($"Error opening file '{path}': {exception.Message}", exception);
        }
    }

    public TextReader OpenTextReader(int index) => new StreamReader(Open(index));

    private static IEnumerable<string> Expand(string path)
    {
        string name = Path.GetFileName(path);
        if (!name.Contains('*'))
            return [path];
        string directory = Path.GetDirectoryName(path);
        return Directory.EnumerateFiles(string.IsNullOrEmpty(directory) ? "." : directory, name).Order(StringComparer.Ordinal);
    }
}
