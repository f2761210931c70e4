namespace Samples;

/// <summary>What a sample can learn from: a public file, and a small one that comes with it for when that cannot be had.</summary>
/// <param name="Public">The public file.</param>
/// <param name="ShippedName">Name of the small file, which lies beside the program.</param>
internal sealed record SampleData(PublicFile Public, string ShippedName)
{
    public string ShippedFile => Path.Combine(AppContext.BaseDirectory, ShippedName);
}
