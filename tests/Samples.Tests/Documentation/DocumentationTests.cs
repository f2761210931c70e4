namespace MLNetLlm.Samples.Tests;

/// <summary>What the documents show must work as it stands, and what they name must be there.</summary>
public sealed class DocumentationTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("samples-tests-documents-").FullName;

    private SnippetCompiler Compiler => new(directory);

    public void Dispose() => Directory.Delete(directory, recursive: true);

    public static TheoryData<string> DocumentNames => [.. Documents.All];

    [Fact]
    public async Task The_first_example_of_the_readme_is_a_program_that_compiles()
    {
        var example = Snippet.In("README.md").First();

        var (exitCode, output) = await Compiler.CompileProgramAsync(example.Code);

        Assert.True(example.IsProgram);
        Assert.True(exitCode == 0, output);
    }

    [Fact]
    public async Task Every_other_snippet_of_every_document_compiles()
    {
        var fragments = Documents.All.SelectMany(Snippet.In).Where(snippet => !snippet.IsProgram).ToList();

        var (exitCode, output) = await Compiler.CompileFragmentsAsync(fragments);

        Assert.True(fragments.Count > 10);
        Assert.True(exitCode == 0, output);
    }

    [Fact]
    public async Task A_snippet_that_does_not_compile_is_noticed_where_it_stands()
    {
        var wrong = new Snippet("docs/wrong.md", 7, "var text = \"\";\nml.LanguageModels.Trainers.Pretrainning();\n\npublic class Row { public string Text => Strin.Empty; }\n");

        var (exitCode, output) = await Compiler.CompileFragmentsAsync([wrong]);

        Assert.NotEqual(0, exitCode);
        Assert.Matches(@"wrong\.md\(8,\d+\): error .*Pretrainning", output);
        Assert.Matches(@"wrong\.md\(10,\d+\): error .*Strin", output);
    }

    [Theory, MemberData(nameof(DocumentNames))]
    public void Files_and_folders_that_a_document_names_are_there(string document)
    {
        Assert.Empty(Documents.PathsIn(document).Where(path => !File.Exists(path) && !Directory.Exists(path)).Distinct());
    }

    [Theory, MemberData(nameof(DocumentNames))]
    public void Members_that_a_document_names_are_there(string document)
    {
        Assert.Empty(Documents.MembersIn(document).Where(name => !Documents.Exists(name)).Distinct());
    }

    [Theory, MemberData(nameof(DocumentNames))]
    public void Entry_points_that_a_document_names_are_there(string document)
    {
        Assert.Empty(Documents.EntryPointsIn(document).Where(name => !Documents.IsMemberOfAny(name)).Distinct());
    }

    [Fact]
    public void A_member_that_is_not_there_is_noticed()
    {
        Assert.Contains("Pretraining", Documents.EntryPointsIn("README.md"));
        Assert.False(Documents.IsMemberOfAny("Pretrainning"));
        Assert.True(Documents.Exists("TrainingOptions.Checkpoints.Directory"));
        Assert.False(Documents.Exists("TrainingOptions.WarmupRatio"));
        Assert.False(Documents.Exists("TrainingOptions.Checkpoints.Folder"));
    }
}
