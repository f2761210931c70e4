using MLNetLlm.Models;

namespace MLNetLlm.Transforms;

internal sealed class TextGenerationMapper : ITextMapper
{
    private readonly SharedModel<LanguageModel> model;
    private readonly TextGenerationSettings settings;
    private readonly PromptCompletion completion;

    public TextGenerationMapper(SharedModel<LanguageModel> model, TextGenerationSettings settings)
    {
        this.model = model;
        this.settings = settings;
        model.Value.Network.eval();
        completion = new PromptCompletion(model.Value, settings.Generation, settings.Template, settings.BatchSize);
        Outputs = settings.Outputs;
    }

    public string InputColumn => settings.Prompt;
    public IReadOnlyList<OutputColumn> Outputs { get; }
    public int RowsAhead => settings.BatchSize * 4;
    public int? MaximumTokens => completion.MaximumTokens;
    public TransformerModel? Network => model.Value.Network;

    public IDisposable Hold() => model.Hold();

    public Array?[] Map(IReadOnlyList<string> texts, IReadOnlyList<bool> active, TruncationReport truncation)
    {
        if (!active.Contains(true))
            return new Array?[Outputs.Count];
        Completion[] written = completion.Complete(texts, truncation);
        return
        [
            Array.ConvertAll(written, text => text.Text.AsMemory()),
            Array.ConvertAll(written, text => text.FinishReason.AsMemory()),
            Array.ConvertAll(written, text => text.PromptTokens),
            Array.ConvertAll(written, text => text.GeneratedTokens),
        ];
    }
}
