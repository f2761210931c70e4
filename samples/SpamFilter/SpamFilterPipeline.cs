using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetLlm.Trainers;
using MLNetLlm.Transforms;

namespace SpamFilter;

/// <summary>The whole ML.NET part: raw messages become a language model, a spam filter, an evaluation and a file.</summary>
internal static class SpamFilterPipeline
{
    public static TrainedFilter Run(MLContext ml, SmsSplit messages, Recipe recipe, string modelFile, StageClock stages)
    {
        // Messages are plain objects; ML.NET sees them as rows with the columns Text and Label.
        IDataView unlabelled = ml.Data.LoadFromEnumerable(messages.Pretraining);
        IDataView training = ml.Data.LoadFromEnumerable(messages.Training);
        IDataView validation = ml.Data.LoadFromEnumerable(messages.Validation);
        IDataView test = ml.Data.LoadFromEnumerable(messages.Test);

        // Pretraining learns to split text into tokens, and then to predict each next token. It needs no labels; the
        // validation messages only measure how well it goes.
        stages.Begin("pretraining");
        using var languageModel = ml.LanguageModels.Trainers.Pretraining(recipe.Pretraining with { ValidationSet = validation }).Fit(unlabelled);

        // Fine-tuning puts a classification head on the language model and teaches both to tell spam from ham.
        stages.Begin("fineTuning");
        var pipeline = ml.BinaryClassification.Trainers.TextClassification(recipe.FineTuning with
        {
            LanguageModel = languageModel.LanguageModel,
            ValidationSet = validation,
        });
        TextClassificationTransformer filter = pipeline.Fit(training);

        // The test messages are looked at once, at the end.
        stages.Begin("evaluation");
        CalibratedBinaryClassificationMetrics metrics = ml.BinaryClassification.Evaluate(filter.Transform(test));

        // Tokenizer, weights and settings go into one file that ml.Model.Load reads anywhere.
        stages.Begin("saving");
        ml.Model.Save(filter, training.Schema, modelFile);
        stages.End();
        return new TrainedFilter(filter, metrics);
    }
}

/// <summary>A filter and how well it does on the test messages; the caller disposes the filter.</summary>
internal sealed record TrainedFilter(TextClassificationTransformer Transformer, CalibratedBinaryClassificationMetrics Metrics);
