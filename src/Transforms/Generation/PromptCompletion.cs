using MLNetLlm.Models;

namespace MLNetLlm.Transforms;

/// <summary>What a model wrote for a row.</summary>
internal sealed record Completion(string Text, string FinishReason, int PromptTokens, int GeneratedTokens)
{
    /// <summary>Where there is nothing to answer.</summary>
    public static readonly Completion None = new("", "", 0, 0);
}

/// <summary>Has a model continue prompts, or answer them where there is a template: every mapper whose column is free text does it here.</summary>
internal sealed class PromptCompletion
{
    private readonly GenerationOptions options;
    private readonly ChatTemplate? template;
    private readonly TextGenerator generator;
    private readonly ResponseGenerator? responder;

    public PromptCompletion(LanguageModel model, GenerationOptions options, ChatTemplate? template, int batchSize)
    {
        this.options = options;
        this.template = template;
        options.ValidateFor(model.Network);
        generator = new TextGenerator(model, batchSize);
        responder = template is null ? null : new ResponseGenerator(model, template, options, batchSize);
        MaximumTokens = responder?.MaximumPromptTokens ?? model.Config.ContextLength;
    }

    /// <summary>Most tokens of a prompt that is not cut.</summary>
    public int MaximumTokens { get; }

    public Completion[] Complete(IReadOnlyList<string> prompts, TruncationReport truncation) =>
        responder is null ? Continue(prompts, truncation) : Answer(responder, prompts, truncation);

    private Completion[] Continue(IReadOnlyList<string> prompts, TruncationReport truncation)
    {
        IReadOnlyList<GeneratedText> written = generator.Generate(prompts, options);
        foreach (GeneratedText text in written)
            truncation.Count(text.DroppedPromptTokens);
        return [.. written.Select(Describe)];
    }

    private Completion[] Answer(ResponseGenerator answers, IReadOnlyList<string> prompts, TruncationReport truncation)
    {
        var completions = new Completion[prompts.Count];
        Array.Fill(completions, Completion.None);
        int[] rows = Enumerable.Range(0, prompts.Count).Where(row => !string.IsNullOrWhiteSpace(prompts[row])).ToArray();
        int[][] encoded = Array.ConvertAll(rows, row =>
        {
            int[] prompt = answers.Prompt(template!.InstructionTurns(prompts[row]), out int tokensNeeded);
            truncation.Admit(tokensNeeded);
            return prompt;
        });
        foreach ((int row, GeneratedText written) in rows.Zip(answers.Respond(encoded)))
            completions[row] = Describe(written);
        return completions;
    }

    private static Completion Describe(GeneratedText written) =>
        new(written.Text, written.FinishReason.ToString(), written.PromptTokens, written.TokenIds.Count);
}
