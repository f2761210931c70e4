using Microsoft.ML;
using MLNetLlm.Trainers;
using MLNetLlm.Transforms;
using Samples;

namespace InstructionTuning;

/// <summary>Writes what a run found out; the training log and the checkpoints are there already.</summary>
internal static class RunFiles
{
    public static void Write(
        MLContext ml, OutputFiles output, InstructionTransformer model, IDataView data, InstructionMetrics metrics, IReadOnlyList<TrainingProgress> reports)
    {
        ml.Model.Save(model, data.Schema, output.Model);
        TrainingCurves.Save(reports, output.Curves);
        InstructionReport.Write(output.Responses, metrics, "Responses to the test instructions");
        MetricsFile.Write(
            output.Metrics,
            new
            {
                metrics.ResponseLoss,
                metrics.ResponsePerplexity,
                metrics.ResponseTokens,
                metrics.ExactMatch,
                metrics.TokenF1,
                TestRows = metrics.Responses.Count,
                Template = model.Template.Name,
                Parameters = model.LanguageModel.Network.parameters().Sum(parameter => parameter.numel()),
                SecondsPerStage = reports.GroupBy(report => report.Stage).ToDictionary(stage => stage.Key, stage => Math.Round(stage.Last().Elapsed.TotalSeconds, 1)),
            });
    }
}
