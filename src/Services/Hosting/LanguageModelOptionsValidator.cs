using Microsoft.Extensions.Options;
using MLNetLlm.Models;

namespace MLNetLlm.Services;

/// <summary>Checks <see cref="LanguageModelOptions"/> and the checkpoint's small files, before any weights are read.</summary>
internal sealed class LanguageModelOptionsValidator : IValidateOptions<LanguageModelOptions>
{
    private static readonly string[] WeightFiles = ["model.safetensors", "model.safetensors.index.json"];

    public ValidateOptionsResult Validate(string? name, LanguageModelOptions options)
    {
        var failures = Settings(options).ToList();
        if (failures.Count == 0 && options.Directory is { } directory)
        {
            failures.AddRange(Checkpoint(directory, options));
        }

        var subject = string.IsNullOrEmpty(name) ? "Language model" : $"Language model '{name}'";
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures.Select(failure => $"{subject}: {failure}"));
    }

    private static IEnumerable<string> Settings(LanguageModelOptions options)
    {
        return new[]
        {
            Unless((options.Directory is null) != (options.Load is null), "give Directory, a checkpoint's directory, or Load, but not both"),
            Unless(options.Directory is null || Directory.Exists(options.Directory), $"the Directory '{options.Directory}' does not exist"),
            Unless(options.Template is null || options.CustomTemplate is null, "give Template or CustomTemplate, but not both"),
            Unless(
                options.Template is null || TemplateNames.Find(options.Template) is not null,
                $"the Template '{options.Template}' is not known; known are {string.Join(", ", TemplateNames.Known.Select(template => template.Name))}"),
            FailureOf(() => options.CustomTemplate?.Validate()),
            Unless(options.ModelId is null || options.ModelId.Trim().Length > 0, "ModelId must not be empty"),
            AtLeast(1, options.SlotCount, nameof(options.SlotCount)),
            AtLeast(1, options.SlotCapacity, nameof(options.SlotCapacity)),
            AtLeast(0, options.QueueCapacity, nameof(options.QueueCapacity)),
            AtLeast(1, options.PromptTokensPerStep, nameof(options.PromptTokensPerStep)),
            AtLeast(1, options.DefaultOutputTokens, nameof(options.DefaultOutputTokens)),
            AtLeast(1, options.MaximumOutputTokens, nameof(options.MaximumOutputTokens)),
            AtLeast(1, options.EmbeddingTokens, nameof(options.EmbeddingTokens)),
            AtLeast(1, options.EmbeddingBatchSize, nameof(options.EmbeddingBatchSize)),
            Unless(options.Temperature >= 0 && double.IsFinite(options.Temperature), $"Temperature must be a finite number, at least 0, but is {options.Temperature}"),
            Unless(options.TopP is > 0 and <= 1, $"TopP must be above 0 and at most 1, but is {options.TopP}"),
            Unless(Enum.IsDefined(options.Precision), $"the Precision {options.Precision} is not known"),
            Unless(Enum.IsDefined(options.Overflow), $"the Overflow {options.Overflow} is not known"),
            Unless(Enum.IsDefined(options.LongText), $"the LongText {options.LongText} is not known"),
            Unless(Enum.IsDefined(options.Pooling), $"the Pooling {options.Pooling} is not known"),
            Unless(options.StopTimeout >= TimeSpan.Zero && options.StopTimeout.TotalMilliseconds <= int.MaxValue, $"StopTimeout must not be negative, but is {options.StopTimeout}"),
        }.OfType<string>();
    }

    private static IEnumerable<string> Checkpoint(string directory, LanguageModelOptions options)
    {
        var configFile = Path.Combine(directory, LanguageModel.ConfigFileName);
        if (!File.Exists(configFile))
        {
            return [$"the Directory '{directory}' is no checkpoint: it holds no {LanguageModel.ConfigFileName}"];
        }

        if (!WeightFiles.Any(file => File.Exists(Path.Combine(directory, file))))
        {
            return [$"the Directory '{directory}' is no checkpoint: it holds no {string.Join(" and no ", WeightFiles)}"];
        }

        TransformerConfig? config = null;
        return new[]
        {
            FailureOf(() => config = TransformerConfig.FromJson(File.ReadAllText(configFile), configFile)),
            Within(config?.ContextLength, options.SlotCapacity, nameof(options.SlotCapacity)),
            Within(config?.ContextLength, options.EmbeddingTokens, nameof(options.EmbeddingTokens)),
            FailureOf(() =>
            {
                var tokenizer = TextTokenizer.Load(directory);
                _ = options.ChatTemplate is { } template ? new ChatEncoder(tokenizer, template) : null;
            }),
        }.OfType<string>();
    }

    private static string? FailureOf(Action check)
    {
        try
        {
            check();
            return null;
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidDataException or IOException or FormatException or NotSupportedException)
        {
            return exception.Message;
        }
    }

    private static string? Within(int? contextLength, int? value, string name) =>
        value > contextLength ? $"{name} must be at most the model's context length, {contextLength}, but is {value}" : null;

    private static string? AtLeast(int least, int? value, string name) => value < least ? $"{name} must be at least {least}, but is {value}" : null;

    private static string? Unless(bool holds, string failure) => holds ? null : failure;
}
