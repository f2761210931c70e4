namespace Generate;

/// <summary>Finds checkpoints that the other samples left in their output directories.</summary>
internal static class SampleCheckpoints
{
    private const string OutputDirectory = "out";

    public static string Advice =>
        "There is no model to use. Give a checkpoint directory or a name on the hub (generate openai-community/gpt2 --prompt \"Once upon a time\"), "
        + $"or run samples/Pretraining or samples/InstructionTuning first: the newest checkpoint below '{OutputDirectory}' is used then. --help lists the options.";

    /// <summary>The newest checkpoint; <see langword="null"/> without any.</summary>
    public static string? Newest()
    {
        var options = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 4, IgnoreInaccessible = true };
        return !Directory.Exists(OutputDirectory) ? null : Directory.EnumerateFiles(OutputDirectory, "model.safetensors", options)
            .OrderByDescending(File.GetLastWriteTimeUtc)
            .Select(file => Path.GetDirectoryName(file)!)
            .FirstOrDefault(IsLanguageModel);
    }

    // Classifiers are kept in the same layout; they do not write.
    private static bool IsLanguageModel(string directory)
    {
        var config = Path.Combine(directory, "config.json");
        return File.Exists(config) && File.Exists(Path.Combine(directory, "tokenizer.json"))
            && !File.ReadAllText(config).Contains("ForSequenceClassification", StringComparison.Ordinal);
    }
}
