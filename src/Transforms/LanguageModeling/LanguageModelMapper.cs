using MLNetLlm.Models;

namespace MLNetLlm.Transforms;

internal sealed class LanguageModelMapper : ITextMapper
{
    private const int BatchSize = 32;

    private readonly SharedModel<LanguageModel> model;
    private readonly LanguageModelSettings settings;
    private readonly PromptCompletion completion;
    private readonly TextScorer scorer;

    public LanguageModelMapper(SharedModel<LanguageModel> model, LanguageModelSettings settings)
    {
        this.model = model;
        this.settings = settings;
        model.Value.Network.eval();
        // What a long text ends with matters for its continuation.
        completion = new PromptCompletion(model.Value, settings.Generation with { LongPrompt = LongPrompt.KeepEnd }, template: null, BatchSize);
        scorer = new TextScorer(model.Value, batchSize: BatchSize);
        Outputs = settings.Columns.Outputs;
    }

    public string InputColumn => settings.Columns.Text;
    public IReadOnlyList<OutputColumn> Outputs { get; }
    public int RowsAhead => BatchSize * 4;
    public int? MaximumTokens => null;
    public TransformerModel? Network => model.Value.Network;

    public IDisposable Hold() => model.Hold();

    public Array?[] Map(IReadOnlyList<string> texts, IReadOnlyList<bool> active, TruncationReport truncation)
    {
        var columns = new Array?[3];
        if (active[0])
            columns[0] = Array.ConvertAll(completion.Complete(texts, TruncationReport.None), written => written.Text.AsMemory());
        if (active[1] || active[2])
        {
            int[][] rows = TokenRows.EncodeBeginnings(texts, model.Value.Tokenizer);
            TextLikelihood[] scores = [.. scorer.Score(rows)];
            columns[1] = Array.ConvertAll(scores, score => (float)score.LogLikelihood);
            columns[2] = Array.ConvertAll(scores, score => (float)score.Perplexity);
        }
        return columns;
    }
}
