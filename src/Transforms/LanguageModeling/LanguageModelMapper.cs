using Microsoft.ML.Data;
using MLNetLlm.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNetLlm.Transforms;

internal sealed class LanguageModelMapper : ITextMapper
{
    private const int BatchSize = 32;

    private readonly SharedModel<LanguageModel> model;
    private readonly LanguageModelSettings settings;
    private readonly TextGenerator generator;

    public LanguageModelMapper(SharedModel<LanguageModel> model, LanguageModelSettings settings)
    {
        this.model = model;
        this.settings = settings;
        model.Value.Network.eval();
        generator = new TextGenerator(model.Value);
        MaximumTokens = model.Value.Config.ContextLength;
        Outputs =
        [
            new OutputColumn(settings.Columns.Continuation, TextDataViewType.Instance),
            new OutputColumn(settings.Columns.LogLikelihood, NumberDataViewType.Single),
            new OutputColumn(settings.Columns.Perplexity, NumberDataViewType.Single),
        ];
    }

    public string InputColumn => settings.Columns.Text;
    public IReadOnlyList<OutputColumn> Outputs { get; }
    public int RowsAhead => BatchSize * 4;
    public int? MaximumTokens { get; }

    public IDisposable Hold() => model.Hold();

    public Array?[] Map(IReadOnlyList<string> texts, IReadOnlyList<bool> active, TruncationReport truncation)
    {
        LanguageModel languageModel = model.Value;
        var columns = new Array?[3];
        if (active[0])
            columns[0] = Continue(languageModel, texts);
        if (active[1] || active[2])
        {
            int[][] rows = TokenRows.Encode(texts, languageModel.Tokenizer, truncation);
            float[] logLikelihoods = Score(languageModel, rows);
            columns[1] = logLikelihoods;
            columns[2] = logLikelihoods.Zip(rows, (sum, row) => row.Length < 2 ? float.NaN : MathF.Exp(-sum / (row.Length - 1))).ToArray();
        }
        return columns;
    }

    // What a long text ends with matters for its continuation, so the generator gets all of it, and keeps what fits.
    private ReadOnlyMemory<char>[] Continue(LanguageModel languageModel, IReadOnlyList<string> texts)
    {
        TextTokenizer tokenizer = languageModel.Tokenizer;
        int[][] prompts = TokenRows.Encode(texts, tokenizer, TruncationReport.None);
        var continuations = new ReadOnlyMemory<char>[prompts.Length];
        foreach (int[] batch in LengthBuckets.Plan(Array.ConvertAll(prompts, row => row.Length), BatchSize, int.MaxValue))
        {
            IReadOnlyList<int[]> written = generator.Continue(Array.ConvertAll(batch, row => prompts[row]), settings.Generation);
            for (int i = 0; i < batch.Length; i++)
                continuations[batch[i]] = tokenizer.Decode(written[i], skipSpecialTokens: true).AsMemory();
        }
        return continuations;
    }

    private static float[] Score(LanguageModel languageModel, int[][] rows)
    {
        var sums = new float[rows.Length];
        foreach (int[] batch in LengthBuckets.Plan(Array.ConvertAll(rows, row => row.Length), BatchSize, BatchSize * languageModel.Config.ContextLength))
        {
            float[] losses = Losses(languageModel, Array.ConvertAll(batch, row => rows[row]));
            for (int i = 0; i < batch.Length; i++)
                sums[batch[i]] = -losses[i];
        }
        return sums;
    }

    /// <summary>The sum over each row's positions of the negative log-probability of the token that comes next.</summary>
    private static float[] Losses(LanguageModel languageModel, int[][] rows)
    {
        int time = rows.Max(row => row.Length);
        if (time < 2)
            return new float[rows.Length];
        var next = new long[rows.Length * time];
        Array.Fill(next, LanguageModelLoss.Ignored);
        for (int i = 0; i < rows.Length; i++)
        {
            for (int position = 1; position < rows[i].Length; position++)
                next[i * time + position - 1] = rows[i][position];
        }
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        using TokenBatch batch = TokenBatch.Create(rows, TokenRows.PaddingId(languageModel.Tokenizer), languageModel.Network.Device);
        Tensor hidden = languageModel.Network.call(batch.Ids);
        Tensor targets = tensor(next, [rows.Length, time], device: languageModel.Network.Device);
        Tensor losses = LanguageModelLoss.Evaluate(languageModel.Network, hidden, targets, nn.Reduction.None);
        return losses.view(rows.Length, time).sum(1).cpu().data<float>().ToArray();
    }
}
