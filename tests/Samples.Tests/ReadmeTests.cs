using System.Diagnostics;
using System.Reflection;
using System.Text.RegularExpressions;

namespace MLNetLlm.Samples.Tests;

/// <summary>What the README shows first must work as it stands.</summary>
public sealed partial class ReadmeTests : IDisposable
{
    private const string ImplicitUsings =
        "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; " +
        "global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;";

    private readonly string directory = Directory.CreateTempSubdirectory("samples-tests-readme-").FullName;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Fact]
    public async Task The_first_example_of_the_readme_compiles()
    {
        var (exitCode, output) = await CompileAsync(FirstExample());

        Assert.True(exitCode == 0, output);
    }

    [Fact]
    public async Task An_example_that_does_not_compile_would_be_noticed()
    {
        var (exitCode, output) = await CompileAsync("using MLNetLlm.Trainers; new Microsoft.ML.MLContext().LanguageModels.Trainers.Pretrainning();");

        Assert.NotEqual(0, exitCode);
        Assert.Contains("Pretrainning", output);
    }

    [GeneratedRegex(@"^```csharp\s*\n(?<code>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CSharpBlock { get; }

    [GeneratedRegex(@"^(MLNetLlm|TorchSharp|Microsoft\.ML|Microsoft\.Extensions)\b.*(?<!Tests)\.dll$")]
    private static partial Regex Visible { get; }

    private static string FirstExample()
    {
        var readme = Path.Combine(Repository.Root, "README.md");
        Assert.True(File.Exists(readme), "The repository has no README.md.");
        var block = CSharpBlock.Match(File.ReadAllText(readme).ReplaceLineEndings("\n"));
        Assert.True(block.Success, "README.md has no ```csharp block.");
        return block.Groups["code"].Value;
    }

    private async Task<(int ExitCode, string Output)> CompileAsync(string code)
    {
        await File.WriteAllTextAsync(Path.Combine(directory, "Example.cs"), code);
        await File.WriteAllTextAsync(Path.Combine(directory, "Usings.cs"), ImplicitUsings);
        await File.WriteAllLinesAsync(
            Path.Combine(directory, "example.rsp"),
            [
                "-nologo", "-noconfig", "-nostdlib", "-langversion:preview", "-nullable:enable", "-target:exe", "-out:Example.dll",
                .. References().Select(path => $"-reference:\"{path}\""), "Example.cs", "Usings.cs",
            ]);

        var start = new ProcessStartInfo("dotnet") { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["exec", Path.Combine(CompilerDirectory, "bincore", "csc.dll"), "@example.rsp"])
        {
            start.ArgumentList.Add(argument);
        }

        using var compiler = Process.Start(start)!;
        var errors = compiler.StandardError.ReadToEndAsync();
        var output = await compiler.StandardOutput.ReadToEndAsync();
        await compiler.WaitForExitAsync();
        return (compiler.ExitCode, output + await errors);
    }

    /// <summary>What an application that references this library gets to see: the framework, the library and what it depends on.</summary>
    private static IEnumerable<string> References()
    {
        var framework = Path.GetDirectoryName(typeof(object).Assembly.Location);
        var trusted = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        return trusted.Where(path => Path.GetDirectoryName(path) == framework)
            .Concat(Directory.EnumerateFiles(AppContext.BaseDirectory, "*.dll").Where(path => Visible.IsMatch(Path.GetFileName(path))));
    }

    private static string CompilerDirectory => Assembly.GetExecutingAssembly()
        .GetCustomAttributes<AssemblyMetadataAttribute>().First(metadata => metadata.Key == nameof(CompilerDirectory)).Value!;
}
