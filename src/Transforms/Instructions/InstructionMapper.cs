using Microsoft.ML.Data;
using MLNetLlm.Models;

namespace MLNetLlm.Transforms;

internal sealed class InstructionMapper : ITextMapper
{
    private readonly SharedModel<LanguageModel> model;
    private readonly InstructionSettings settings;
    private readonly ResponseGenerator generator;

    public InstructionMapper(SharedModel<LanguageModel> model, InstructionSettings settings)
    {
        this.model = model;
        this.settings = settings;
        model.Value.Network.eval();
        generator = new ResponseGenerator(model.Value, settings.Template, settings.Generation);
        MaximumTokens = generator.MaximumPromptTokens;
        InputColumns = settings.Columns.Read;
        Outputs = settings.Columns.Outputs;
    }

    public string InputColumn => InputColumns[0];
    public IReadOnlyList<string> InputColumns { get; }
    public IReadOnlyList<OutputColumn> Outputs { get; }
    public int RowsAhead => 128;
    public int? MaximumTokens { get; }
    public TransformerModel? Network => model.Value.Network;

    public IDisposable Hold() => model.Hold();

    public Array?[] Map(IReadOnlyList<string> texts, IReadOnlyList<bool> active, TruncationReport truncation) =>
        [active[0] ? Respond(texts, truncation) : null];

    private ReadOnlyMemory<char>[] Respond(IReadOnlyList<string> texts, TruncationReport truncation)
    {
        var responses = new ReadOnlyMemory<char>[texts.Count / InputColumns.Count];
        var prompts = new int[responses.Length][];
        for (int row = 0; row < prompts.Length; row++)
            prompts[row] = Prompt(texts, row, truncation);
        int[] answerable = Enumerable.Range(0, prompts.Length).Where(row => prompts[row].Length > 0).ToArray();
        foreach ((int row, GeneratedText written) in answerable.Zip(generator.Respond(Array.ConvertAll(answerable, row => prompts[row]))))
            responses[row] = written.Text.AsMemory();
        return responses;
    }

    /// <summary>The prompt of a row; none where there is nothing to answer, as ML.NET gives missing for missing.</summary>
    private int[] Prompt(IReadOnlyList<string> texts, int row, TruncationReport truncation)
    {
        string first = texts[row * InputColumns.Count];
        if (string.IsNullOrWhiteSpace(first))
            return [];
        IReadOnlyList<ChatTurn> turns;
        if (settings.Columns.Conversation is { } conversation)
        {
            turns = ConversationJson.Read(first, $"Column '{conversation}', conversation '{(first.Length > 40 ? first[..40] + "…" : first)}'");
            if (turns[^1].Role == TurnRole.Assistant)
                turns = turns.SkipLast(1).ToArray();
        }
        else
        {
            turns = settings.Template.InstructionTurns(first, InputColumns.Count > 1 ? texts[row * 2 + 1] : null);
        }
        int[] prompt = generator.Prompt(turns, out int tokensNeeded);
        truncation.Admit(tokensNeeded);
        return prompt;
    }
}
