using System.Diagnostics;
using System.Reflection;
using System.Text.RegularExpressions;

namespace MLNetLlm.Samples.Tests;

/// <summary>Compiles C# as an application would that references this library: with the compiler that compiles everything else.</summary>
internal sealed partial class SnippetCompiler(string directory)
{
    private const string ImplicitUsings =
        "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; " +
        "global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;";

    private const string FragmentUsings =
        "global using Microsoft.ML; global using Microsoft.ML.Data; global using MLNetLlm.Models; global using MLNetLlm.Trainers; " +
        "global using MLNetLlm.Services; global using MLNetLlm.Transforms; global using Microsoft.AspNetCore.Builder; " +
        "global using Microsoft.Extensions.AI; global using Microsoft.Extensions.DependencyInjection; global using Microsoft.Extensions.ML; " +
        "global using static Snippets.Context;";

    // What fragments may use without saying where they have it from. Their own variables hide these.
    private const string FragmentContext = """
        namespace Snippets
        {
            internal static class Context
            {
                public static MLContext ml => throw null!;
                public static IDataView data => throw null!;
                public static IDataView heldOut => throw null!;
                public static LanguageModel model => throw null!;
                public static InstructionTransformer tuned => throw null!;
                public static WebApplicationBuilder builder => throw null!;
                public static CancellationToken cancellation => throw null!;
            }
        }
        """;

    private static string CompilerPath { get; } = Path.Combine(
        Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>().First(metadata => metadata.Key == "CompilerDirectory").Value!,
        "bincore",
        "csc.dll");

    [GeneratedRegex(@"^(MLNetLlm|TorchSharp|Microsoft\.ML|Microsoft\.Extensions)\b.*(?<!Tests)\.dll$")]
    private static partial Regex Visible { get; }

    /// <summary>Compiles a program as it stands.</summary>
    public Task<(int ExitCode, string Output)> CompileProgramAsync(string code) =>
        CompileAsync("exe", ("Program.cs", code), ("Usings.cs", ImplicitUsings));

    /// <summary>Compiles fragments together.</summary>
    public Task<(int ExitCode, string Output)> CompileFragmentsAsync(IEnumerable<Snippet> snippets) => CompileAsync(
        "library",
        ("Fragments.cs", string.Concat(snippets.Select((snippet, number) => snippet.Wrapped(number)))),
        ("Context.cs", FragmentContext),
        ("Usings.cs", ImplicitUsings + FragmentUsings));

    private async Task<(int ExitCode, string Output)> CompileAsync(string target, params (string Name, string Code)[] files)
    {
        foreach (var (name, code) in files)
        {
            await File.WriteAllTextAsync(Path.Combine(directory, name), code);
        }

        await File.WriteAllLinesAsync(
            Path.Combine(directory, "compile.rsp"),
            [
                "-nologo", "-nostdlib", "-langversion:preview", "-nullable:enable", "-nowarn:CS1998", $"-target:{target}", "-out:Compiled.dll",
                .. References().Select(path => $"-reference:\"{path}\""), .. files.Select(file => file.Name),
            ]);
        var start = new ProcessStartInfo("dotnet") { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["exec", CompilerPath, "-noconfig", "@compile.rsp"])
        {
            start.ArgumentList.Add(argument);
        }

        using var compiler = Process.Start(start)!;
        var errors = compiler.StandardError.ReadToEndAsync();
        var output = await compiler.StandardOutput.ReadToEndAsync();
        await compiler.WaitForExitAsync();
        return (compiler.ExitCode, output + await errors);
    }

    /// <summary>What an application that references this library gets to see: the frameworks, the library and what it depends on.</summary>
    private static IEnumerable<string> References()
    {
        var trusted = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        var own = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
        return trusted.Where(path => Path.GetDirectoryName(path) != own)
            .Concat(Directory.EnumerateFiles(own, "*.dll").Where(path => Visible.IsMatch(Path.GetFileName(path))))
            .DistinctBy(Path.GetFileName);
    }
}
