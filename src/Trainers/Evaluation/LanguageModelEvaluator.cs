using System.Text;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNetLlm.Models;
using MLNetLlm.Transforms;

namespace MLNetLlm.Trainers;

/// <summary>Scores a text column, a part of its rows at a time: texts are tokenised on all processors, windows of similar length batched.</summary>
internal sealed class LanguageModelEvaluator(IHost host, LanguageModel model, EvaluationOptions options)
{
    // As many windows' worth of tokens are collected as sort into batches with little padding.
    private const int BatchesAtOnce = 8;

    private readonly TextScorer scorer = new(model, options.Stride, options.BatchSize);
    private readonly int? start = model.Tokenizer.BeginningOfTextId ?? model.Tokenizer.EndOfTextId;
    private double logLikelihood;
    private long tokens;

    public LanguageModelMetrics Evaluate(IDataView data)
    {
        var rows = new CorpusRows(host, data, options.TextColumnName, RowSelection.All, ThrowIfCanceled);
        var (count, empty, bytes) = (0L, 0L, 0L);
        var (collected, collectedTokens) = (new List<int[]>(), 0L);
        var wasTraining = model.Network.training;
        model.Network.eval();
        try
        {
            foreach (var (ids, length) in ParallelEncoder.Encode(rows, text => (Framed(text), Encoding.UTF8.GetByteCount(text))))
            {
                count++;
                empty += length == 0 ? 1 : 0;
                bytes += length;
                collected.Add(ids);
                collectedTokens += ids.Length;
                if (collectedTokens >= (long)BatchesAtOnce * options.BatchSize * model.Config.ContextLength)
                {
                    Score(collected);
                    collected.Clear();
                    collectedTokens = 0;
                }
            }

            Score(collected);
        }
        finally
        {
            model.Network.train(wasTraining);
        }

        return tokens > 0
            ? new LanguageModelMetrics { Loss = -logLikelihood / tokens, Tokens = tokens, Rows = count, EmptyRows = empty, Bytes = bytes }
            : throw new InvalidOperationException(
                $"Column '{options.TextColumnName}' has {count} rows with {bytes} bytes of text and no token to predict; evaluation needs at least one.");
    }

    // A text begins after the token that begins texts, so that its first token is predicted too.
    private int[] Framed(string text)
    {
        var ids = model.Tokenizer.Encode(text);
        return start is { } first && ids.Length > 0 ? [first, .. ids] : ids;
    }

    private void Score(List<int[]> rows)
    {
        foreach (var likelihood in scorer.Score(rows, options.CancellationToken))
        {
            logLikelihood += likelihood.LogLikelihood;
            tokens += likelihood.PredictedTokens;
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
