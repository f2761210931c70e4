using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNetLlm.Models;
using MLNetLlm.Transforms;

namespace MLNetLlm.Trainers;

/// <summary>Compares a model's responses with references.</summary>
internal static class InstructionEvaluation
{
    private const int BatchSize = 32;

    public static InstructionMetrics Evaluate(IHostEnvironment environment, InstructionTransformer transformer, IDataView data, string outputColumn)
    {
        var host = environment.Register(nameof(InstructionEvaluation));
        using var channel = host.Start(nameof(Evaluate));
        var rows = InstructionRows.Read(host, data, transformer.Columns, outputColumn, transformer.Template);
        var model = transformer.LanguageModel;
        var options = new InstructionTuningOptions { LongExamples = LongExamples.Drop };
        var examples = InstructionExamples.Create(
            rows, new ChatEncoder(model.Tokenizer, transformer.Template), model.Config.ContextLength, options, "evaluation", channel);
        var loss = ResponseLoss.Of(model, examples, BatchSize);
        var responses = TextColumn.Read(host, transformer.Transform(data), transformer.Columns.Response);
        var compared = rows.Zip(responses, (row, response) => Compare(row.Turns, response)).ToArray();
        return new InstructionMetrics(
            loss.Mean,
            loss.Tokens,
            rows.Count - examples.Count,
            compared.Average(row => row.IsExactMatch ? 1.0 : 0.0),
            compared.Average(row => row.TokenF1),
            compared);
    }

    private static ComparedResponse Compare(IReadOnlyList<ChatTurn> turns, string response)
    {
        var reference = turns[^1].Content;
        return new ComparedResponse(
            Prompt(turns), reference, response, ResponseMatch.IsExact(response, reference), ResponseMatch.F1(response, reference));
    }

    private static string Prompt(IReadOnlyList<ChatTurn> turns)
    {
        var asked = turns.Where(turn => turn.Role != TurnRole.System).SkipLast(1).ToArray();
        return asked.Length == 1
            ? asked[0].Content
            : string.Join("\n\n", asked.Select(turn => $"{(turn.Role == TurnRole.User ? "User" : "Assistant")}: {turn.Content}"));
    }
}
