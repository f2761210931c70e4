using System.Text.Json;
using Microsoft.ML;
using MLNetLlm.Trainers;
using MLNetLlm.Transforms;

namespace InstructionTuning;

/// <summary>Writes what a run found out; the training log and the checkpoints are there already.</summary>
internal static class RunFiles
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    public static void Write(
        MLContext ml, OutputFiles output, InstructionTransformer model, IDataView data, InstructionMetrics metrics, IReadOnlyList<TrainingProgress> reports)
    {
        ml.Model.Save(model, data.Schema, output.Model);
        TrainingCurves.Save(reports, output.Curves);
        InstructionReport.Write(output.Responses, metrics, "Responses to the test instructions");
        File.WriteAllText(output.Metrics, JsonSerializer.Serialize(
            new
            {
                responseLoss = metrics.ResponseLoss,
                responsePerplexity = metrics.ResponsePerplexity,
                responseTokens = metrics.ResponseTokens,
                exactMatch = metrics.ExactMatch,
                tokenF1 = metrics.TokenF1,
                testRows = metrics.Responses.Count,
                template = model.Template.Name,
                parameters = model.LanguageModel.Network.parameters().Sum(parameter => parameter.numel()),
                secondsPerStage = reports.GroupBy(report => report.Stage).ToDictionary(stage => stage.Key, stage => Math.Round(stage.Last().Elapsed.TotalSeconds, 1)),
            },
            Json));
    }
}
