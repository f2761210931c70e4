using MLNetLlm.Tests;

namespace Conformance.Tests;

/// <summary>A listing of the public API of a real assembly: one type or member per line.</summary>
internal sealed class RealApi
{
    private readonly HashSet<string> _lines;
    private readonly Dictionary<string, string> _types;

    public RealApi(IEnumerable<string> lines)
    {
        _lines = [.. lines];
        _types = _lines.Where(IsType).ToDictionary(NameOf);
    }

    public static RealApi Read(string assembly)
    {
        return new RealApi(File.ReadLines(Repository.SharedFile("api", assembly + ".txt")));
    }

    /// <summary>Whether the real assembly has the line. A stand-in's type may have fewer bases and interfaces, not others.</summary>
    public bool Allows(string line)
    {
        if (_lines.Contains(line) || !IsType(line))
        {
            return _lines.Contains(line);
        }

        // A listing of what several versions share has no line for a type whose bases differ among them, only its members.
        string? real = _types.GetValueOrDefault(NameOf(line));
        return real is null
            ? _lines.Any(member => member.StartsWith(NameOf(line) + ".", StringComparison.Ordinal))
            : Head(line) == Head(real) && Constraints(line) == Constraints(real) && Bases(line).All(Bases(real).Contains);
    }

    /// <summary>The real lines of the same name, to show next to one that is not allowed.</summary>
    public string Nearest(string line)
    {
        string name = NameOf(line);
        return string.Concat(_lines.Where(real => NameOf(real) == name).Take(4).Select(real => $"{Environment.NewLine}    real: {real}"));
    }

    private static bool IsType(string line) => line.Contains("class]") || line.Contains("struct]") || line.Contains("interface]");

    private static string Head(string line)
    {
        int bases = line.IndexOf("] : ", StringComparison.Ordinal);
        return bases < 0 ? WithoutConstraints(line) : line[..(bases + 1)];
    }

    // Commas separate bases, and also the arguments of generic ones.
    private static List<string> Bases(string line)
    {
        int start = line.IndexOf("] : ", StringComparison.Ordinal);
        string bases = start < 0 ? "" : WithoutConstraints(line[(start + 4)..]);
        List<string> parts = [];
        int depth = 0;
        int from = 0;
        for (int i = 0; i < bases.Length; i++)
        {
            depth += bases[i] switch { '<' => 1, '>' => -1, _ => 0 };
            if (depth == 0 && bases[i] == ',')
            {
                parts.Add(bases[from..i].Trim());
                from = i + 1;
            }
        }

        parts.Add(bases[from..].Trim());
        return parts.Where(part => part.Length > 0).ToList();
    }

    private static string WithoutConstraints(string text) => text[..^Constraints(text).Length];

    private static string Constraints(string text)
    {
        int start = text.IndexOfFirst(" where ", " variance(");
        return start < 0 ? "" : text[start..];
    }

    private static string NameOf(string line)
    {
        int end = line.IndexOfFirst("(", " {", " [", " =");
        return end < 0 ? line : line[..end];
    }
}

internal static class StringExtensions
{
    public static int IndexOfFirst(this string text, params string[] parts) =>
        parts.Select(part => text.IndexOf(part, StringComparison.Ordinal)).Where(index => index >= 0).DefaultIfEmpty(-1).Min();
}
