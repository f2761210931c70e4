using System.Text.RegularExpressions;

namespace MLNetLlm.Samples.Tests;

/// <summary>A block of C# in a document.</summary>
/// <param name="Document">Its path below the repository.</param>
/// <param name="Line">Line of the document that the code begins in, from 1.</param>
/// <param name="Code">The code.</param>
internal sealed partial record Snippet(string Document, int Line, string Code)
{
    /// <summary>Whether it is a whole program, which states its own usings; all else are statements, and perhaps types after them.</summary>
    public bool IsProgram => Code.StartsWith("using ", StringComparison.Ordinal) && !Code.StartsWith("using var ", StringComparison.Ordinal);

    /// <summary>The snippets of a document, in their order.</summary>
    public static IEnumerable<Snippet> In(string document)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, document)).ReplaceLineEndings("\n");
        foreach (Match block in Block.Matches(text))
        {
            var code = block.Groups["code"];
            yield return new Snippet(document, text.AsSpan(0, code.Index).Count('\n') + 1, code.Value);
        }
    }

    /// <summary>The statements in a method and the types beside it, in a namespace of their own; errors are reported at the document's lines.</summary>
    public string Wrapped(int number)
    {
        var types = FirstType.Match(Code) is { Success: true } type ? type.Index : Code.Length;
        var typesLine = Line + Code.AsSpan(0, types).Count('\n');
        return $$"""
            namespace Snippets.Number{{number}}
            {
                internal static class Fragment
                {
                    public static async Task RunAsync()
                    {
            #line {{Line}} "{{Document}}"
            {{Code[..types]}}
            #line default
                    }
                }

            #line {{typesLine}} "{{Document}}"
            {{Code[types..]}}
            #line default
            }

            """;
    }

    [GeneratedRegex(@"^```csharp[^\n]*\n(?<code>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block { get; }

    [GeneratedRegex(@"^(public|internal|sealed|abstract|static|class|record|enum)\b", RegexOptions.Multiline)]
    private static partial Regex FirstType { get; }
}
