using MLNetLlm.Models;

namespace MLNetLlm.Transforms;

internal sealed class ScoringMapper : ITextMapper
{
    private readonly SharedModel<LanguageModel> model;
    private readonly ScoringSettings settings;
    private readonly TextScorer scorer;

    public ScoringMapper(SharedModel<LanguageModel> model, ScoringSettings settings)
    {
        this.model = model;
        this.settings = settings;
        model.Value.Network.eval();
        scorer = new TextScorer(model.Value, settings.Stride, settings.BatchSize);
        Outputs = settings.Outputs;
    }

    public string InputColumn => settings.Text;
    public IReadOnlyList<OutputColumn> Outputs { get; }
    public int RowsAhead => settings.BatchSize * 8;
    public int? MaximumTokens => null;
    public TransformerModel? Network => model.Value.Network;

    public IDisposable Hold() => model.Hold();

    public Array?[] Map(IReadOnlyList<string> texts, IReadOnlyList<bool> active, TruncationReport truncation)
    {
        int[][] rows = TokenRows.EncodeBeginnings(texts, model.Value.Tokenizer);
        TextLikelihood[] scores = [.. scorer.Score(rows)];
        return
        [
            Array.ConvertAll(scores, score => (float)score.LogLikelihood),
            Array.ConvertAll(scores, score => (float)score.Perplexity),
            Array.ConvertAll(scores, score => (int)score.PredictedTokens),
        ];
    }
}
