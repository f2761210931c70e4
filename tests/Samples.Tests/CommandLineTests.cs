using MLNetLlm.Models;
using SpamFilter;

namespace MLNetLlm.Samples.Tests;

public sealed class CommandLineTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("samples-tests-").FullName;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Fact]
    public async Task A_missing_data_file_is_one_line_and_exit_code_1()
    {
        var run = await SampleProcess.RunAsync("--data", Path.Combine(directory, "nothing.tsv"), "--output", directory);

        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("error: ", run.Errors);
        Assert.Contains("nothing.tsv", Assert.Single(run.Errors.TrimEnd().Split('\n')));
    }

    [Fact]
    public async Task A_malformed_data_file_is_one_line_that_names_the_line()
    {
        var file = Path.Combine(directory, "bad.tsv");
        File.WriteAllText(file, "ham\tfine\nnot a label\n");

        var run = await SampleProcess.RunAsync("--data", file, "--output", directory);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("line 2", Assert.Single(run.Errors.TrimEnd().Split('\n')));
    }

    [Fact]
    public async Task No_epochs_at_all_are_refused_before_anything_is_trained()
    {
        var run = await SampleProcess.RunAsync("--data", SmsData.Messages.ShippedFile, "--output", directory, "--epochs", "0");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("Epochs", run.Errors);
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory));
    }

    [Fact]
    public async Task A_model_that_is_missing_or_damaged_is_one_line_and_exit_code_1()
    {
        var missing = await SampleProcess.RunAsync("predict", "--model", Path.Combine(directory, "spam.zip"), "hello");
        var damagedFile = Path.Combine(directory, "damaged.zip");
        File.WriteAllText(damagedFile, "this is no zip");
        var damaged = await SampleProcess.RunAsync("predict", "--model", damagedFile, "hello");

        Assert.Equal(1, missing.ExitCode);
        Assert.Contains("spam.zip", Assert.Single(missing.Errors.TrimEnd().Split('\n')));
        Assert.Equal(1, damaged.ExitCode);
        Assert.Contains("damaged.zip", Assert.Single(damaged.Errors.TrimEnd().Split('\n')));
    }

    [SkippableFact]
    public async Task Interrupting_saves_the_model_so_far_and_says_where()
    {
        Skip.If(OperatingSystem.IsWindows(), "The signal is sent with kill.");

        var run = await SampleProcess.RunAsync(
            ["--data", SmsData.Messages.ShippedFile, "--output", directory, "--device", "cpu"], interruptWhenSeen: "pretraining 1/");

        var files = new OutputFiles(directory);
        Assert.Equal(130, run.ExitCode);
        Assert.Contains(files.PretrainedCheckpoint, Assert.Single(run.Errors.TrimEnd().Split('\n')));
        using var model = LanguageModel.Load(files.PretrainedCheckpoint, device: "cpu");
        Assert.False(File.Exists(files.Model));
    }
}
