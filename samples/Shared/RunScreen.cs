using Spectre.Console;

namespace Samples;

/// <summary>What every demonstration tells its user in the same way: where it is, what it learns from, what it leaves.</summary>
internal sealed class RunScreen(IAnsiConsole console)
{
    public void ShowTitle(string title)
    {
        console.WriteLine();
        console.MarkupLineInterpolated($"[bold]{title}[/]");
    }

    /// <param name="kind">What the data is, as a title.</param>
    /// <param name="data">Where it comes from.</param>
    /// <param name="shipped">What the small file that comes with the sample is, in a sentence's beginning.</param>
    public void ShowSource(string kind, FoundData data, string shipped)
    {
        ShowTitle($"{kind}: {data.Path}");
        foreach (var note in data.Notes)
        {
            console.MarkupLineInterpolated($"[yellow]{note}[/]");
        }

        if (data.IsShipped)
        {
            console.MarkupLineInterpolated($"[yellow]{shipped} shipped with this sample: the run shows how everything works, but its results mean little.[/]");
        }
    }

    /// <summary>What of these files and directories the run has left.</summary>
    public void ShowFiles(string directory, params IEnumerable<(string Path, string Content)> files)
    {
        ShowTitle($"Files in {directory}");
        foreach (var (path, content) in files.Where(file => Path.Exists(file.Path)))
        {
            console.WriteLine($"  {Path.GetRelativePath(directory, path),-20}{content}");
        }
    }
}
