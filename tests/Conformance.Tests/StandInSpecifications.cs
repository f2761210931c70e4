using System.Reflection;
using MLNetLlm.Tests;

namespace Conformance.Tests;

/// <summary>
/// What compiles against a stand-in must compile against the real package: a stand-in may lack members, never have others.
/// </summary>
public sealed class StandInSpecifications
{
    private const int ShownAtMost = 25;

    private static readonly string PackageMode = typeof(StandInSpecifications).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "PackageMode").Value!;

    private static readonly string[] Names =
    [
        "Microsoft.Extensions.ML",
        "Microsoft.ML.Core",
        "Microsoft.ML.Data",
        "Microsoft.ML.DataView",
        "Microsoft.ML.StandardTrainers",
        "Microsoft.ML.Tokenizers",
        "Microsoft.ML.Transforms",
        "TorchSharp",
    ];

    public static TheoryData<string> StandInAssemblies => new(Names);

    [SkippableTheory]
    [MemberData(nameof(StandInAssemblies))]
    public void A_stand_in_has_no_public_member_that_the_real_assembly_lacks(string assembly)
    {
        Skip.If(PackageMode == "nuget", "The real packages are in use (PackageMode=nuget): there is no stand-in to examine.");
        RealApi real = RealApi.Read(assembly);

        List<string> strangers = PublicApi.List(Path.Combine(AppContext.BaseDirectory, assembly + ".dll"))
            .Where(line => !real.Allows(line))
            .ToList();

        Assert.True(
            strangers.Count == 0,
            $"{assembly} has {strangers.Count} public types or members that the real one has not, or has otherwise; the first ones:{Environment.NewLine}"
            + string.Join(Environment.NewLine, strangers.Take(ShownAtMost).Select(line => line + real.Nearest(line))));
    }

    [Fact]
    public void Every_stand_in_project_is_examined()
    {
        List<string> projects = Directory
            .EnumerateFiles(Path.Combine(Repository.Root, "standins"), "*.csproj", SearchOption.AllDirectories)
            .Select(path => Path.GetFileNameWithoutExtension(path)!)
            .ToList();
        Assert.NotEmpty(projects);

        // The project Microsoft.ML only gathers the others, like the package of that name.
        IEnumerable<string> examined = Names.Append("Microsoft.ML");
        Assert.Equal([], projects.Except(examined));
    }
}
