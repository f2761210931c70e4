using System.Reflection;
using System.Text.RegularExpressions;

namespace MLNetLlm.Samples.Tests;

/// <summary>The repository's documents, and what they name.</summary>
internal static partial class Documents
{
    /// <summary>Paths below the repository.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "standins/README.md",
        .. Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md").Select(path => $"docs/{Path.GetFileName(path)}").Order(StringComparer.Ordinal),
    ];

    public static string Read(string document) => File.ReadAllText(Path.Combine(Repository.Root, document));

    /// <summary>Files and folders of the repository that a document links to, or names in code quotes.</summary>
    public static IEnumerable<string> PathsIn(string document)
    {
        var text = Read(document);
        var folder = Path.GetDirectoryName(document)!;
        return Link.Matches(text).Select(link => Path.GetFullPath(Path.Combine(Repository.Root, folder, link.Groups["path"].Value)))
            .Concat(QuotedPath.Matches(text).Select(path => Path.GetFullPath(Path.Combine(Repository.Root, path.Groups["path"].Value.TrimEnd('/')))));
    }

    /// <summary>Members of this library's public types that a document names in code quotes, such as <c>TrainingOptions.Checkpoints.Directory</c>.</summary>
    public static IEnumerable<string> MembersIn(string document) =>
        QuotedMember.Matches(Read(document)).Select(member => member.Groups["name"].Value).Where(name => TypeOf(name) is not null);

    /// <summary>Entry points that a document names in code quotes, such as <c>ml.LanguageModels.Evaluate</c>: their last parts.</summary>
    public static IEnumerable<string> EntryPointsIn(string document) => QuotedEntryPoint.Matches(Read(document)).Select(entry => entry.Groups["name"].Value);

    /// <summary>Whether a public type of this library has such a member.</summary>
    public static bool IsMemberOfAny(string name) => MemberNames.Contains(name);

    /// <summary>Whether each part of such a name is a public member of what the part before it is.</summary>
    public static bool Exists(string name)
    {
        var type = TypeOf(name);
        foreach (var part in name.Split('.').Skip(1))
        {
            var member = type?.GetMember(part, BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.FlattenHierarchy).FirstOrDefault();
            if (member is null)
            {
                return false;
            }

            type = member switch
            {
                PropertyInfo property => Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType,
                FieldInfo field => field.FieldType,
                _ => null,
            };
        }

        return true;
    }

    private static Type? TypeOf(string name) => Types.GetValueOrDefault(name.Split('.')[0]);

    private static Dictionary<string, Type> Types { get; } = Directory.EnumerateFiles(AppContext.BaseDirectory, "MLNetLlm.*.dll")
        .Where(path => !path.EndsWith("Tests.dll", StringComparison.Ordinal))
        .SelectMany(path => Assembly.LoadFrom(path).GetExportedTypes())
        .Where(type => !type.IsNested)
        .GroupBy(type => type.Name.Split('`')[0])
        .ToDictionary(types => types.Key, types => types.First());

    private static HashSet<string> MemberNames { get; } = [.. Types.Values.SelectMany(type => type.GetMembers()).Select(member => member.Name)];

    [GeneratedRegex(@"\]\((?!https?:)(?<path>[^)#\s]+)(#[^)]*)?\)")]
    private static partial Regex Link { get; }

    [GeneratedRegex(@"`(?<path>(src|samples|tests|docs|standins|eng|benchmarks)/[\w./-]*)`")]
    private static partial Regex QuotedPath { get; }

    [GeneratedRegex(@"`(ml\.(?!Model\.)[A-Z][\w.]*|services)\.(?<name>[A-Z]\w+)`")]
    private static partial Regex QuotedEntryPoint { get; }

    [GeneratedRegex(@"`(?<name>[A-Z]\w+(\.[A-Z]\w+)+)(\(\))?`")]
    private static partial Regex QuotedMember { get; }
}
