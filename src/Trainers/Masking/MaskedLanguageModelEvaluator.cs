using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNetLlm.Models;
using MLNetLlm.Transforms;

namespace MLNetLlm.Trainers;

/// <summary>Hides tokens of a text column and scores what a model makes of them, a part of the rows at a time.</summary>
internal sealed class MaskedLanguageModelEvaluator(IHost host, LanguageModel model, MaskedEvaluationOptions options)
{
    // As many rows are collected as sort into batches with little padding.
    private const int BatchesAtOnce = 8;

    private readonly TokenMasking masking = new(model.Tokenizer, options.Masking);
    private MaskedTokenScore score;
    private long pieces;

    public MaskedLanguageModelMetrics Evaluate(IDataView data)
    {
        var texts = new CorpusRows(host, data, options.TextColumnName, RowSelection.All, ThrowIfCanceled);
        var longest = model.Config.ContextLength - model.Tokenizer.FrameLength;
        var (rows, collected) = (0L, new List<TargetedRow>());
        var wasTraining = model.Network.training;
        model.Network.eval();
        try
        {
            foreach (var ids in ParallelEncoder.Encode(texts, model.Tokenizer.Encode))
            {
                rows++;
                foreach (var piece in ids.Chunk(longest))
                {
                    collected.Add(masking.Mask(piece, options.Seed, epoch: 0, pieces++));
                }

                if (collected.Count >= BatchesAtOnce * options.BatchSize)
                {
                    Score(collected);
                    collected.Clear();
                }
            }

            Score(collected);
        }
        finally
        {
            model.Network.train(wasTraining);
        }

        return score.Tokens > 0
            ? new MaskedLanguageModelMetrics { Loss = score.Loss, Accuracy = score.Accuracy, Tokens = score.Tokens, Rows = rows }
            : throw new InvalidOperationException($"Column '{options.TextColumnName}' has {rows} rows and no token to hide; evaluation needs at least one.");
    }

    private void Score(List<TargetedRow> rows)
    {
        var lengths = rows.Select(row => row.Inputs.Length).ToArray();
        foreach (var chosen in LengthBuckets.Plan(lengths, options.BatchSize, options.BatchSize * model.Config.ContextLength))
        {
            ThrowIfCanceled();
            using var batch = TrainingBatch.Create(
                Array.ConvertAll(chosen, row => rows[row]), TokenRows.PaddingId(model.Tokenizer), model.Network.Device);
            score += MaskedTokenScore.Of(model.Network, batch);
        }
    }

    private void ThrowIfCanceled()
    {
        options.CancellationToken.ThrowIfCancellationRequested();
        if (MLEnvironment.IsCanceled(host))
        {
            throw new OperationCanceledException("The evaluation was canceled.");
        }
    }
}
